import { X509Certificate } from 'node:crypto';
import { readFileSync, statSync } from 'node:fs';
import { homedir } from 'node:os';
import { join } from 'node:path';
import { type ConfigProblem, configExamples, configProblem } from '../../core/config/configProblems.ts';
import type { Problem } from '../../core/config/problem.ts';

/** Authorities that are trusted in addition to the system's. */
export interface Authorities {
  /** All certificates (PEM), concatenated; empty for none. */
  readonly pem: string;
  /** The files that could not be used, each with its path in the configuration. */
  readonly problems: readonly ConfigProblem[];
}

/** Ten times the size of a system's certificate bundle. */
const maxBytes = 4 * 1024 * 1024;
const certificateBlock = /-----BEGIN (?:TRUSTED )?CERTIFICATE-----[\s\S]+?-----END (?:TRUSTED )?CERTIFICATE-----/g;

/** Reads the files of `caCertificates`; a path may begin with `~/`. Never throws. */
export function readAuthorities(paths: readonly string[]): Authorities {
  const certificates: string[] = [];
  const problems: ConfigProblem[] = [];
  for (const [index, path] of paths.entries()) {
    const found = certificatesIn(path);
    if (Array.isArray(found)) certificates.push(...found);
    else problems.push(configProblem(`caCertificates[${index}]`, found, configExamples['caCertificates']));
  }
  return { pem: [...new Set(certificates)].join('\n'), problems };
}

/** The certificates of a file, or what is wrong with it. */
function certificatesIn(given: string): string[] | Problem {
  const path = given.startsWith('~/') ? join(homedir(), given.slice(2)) : given;
  let text: string;
  try {
    const { size, isFile } = kindOf(path);
    if (!isFile) return { code: 'notFile' };
    if (size > maxBytes) return { code: 'fileTooLarge' };
    text = readFileSync(path, 'latin1');
  } catch (error) {
    const { code } = error as NodeJS.ErrnoException;
    return code === 'ENOENT' ? { code: 'noSuchFile' } : { code: 'unreadableFile', error: String(code) };
  }
  const blocks = text.match(certificateBlock) ?? [];
  if (blocks.length === 0) return { code: 'noCertificate' };
  return blocks.every(isCertificate) ? blocks : { code: 'damagedCertificate' };
}

/** Before the file is opened: reading a pipe would block the process. */
function kindOf(path: string): { readonly size: number; readonly isFile: boolean } {
  const status = statSync(path);
  return { size: status.size, isFile: status.isFile() };
}

function isCertificate(pem: string): boolean {
  try {
    return new X509Certificate(pem).raw.length > 0;
  } catch {
    return false;
  }
}
