import { createReadStream, createWriteStream, existsSync } from 'node:fs';
import { chmod, mkdir, rm } from 'node:fs/promises';
import path from 'node:path';
import { pipeline } from 'node:stream/promises';
import { createBrotliDecompress } from 'node:zlib';
import { npmInstall, provisionFolder, runQuietly } from './provision.ts';
import { fontConfiguration } from './provisionFonts.ts';

/** A Chromium to start and what it needs in its environment. */
export interface Chromium {
  readonly executable: string;
  readonly environment: Readonly<Record<string, string>>;
}

/** Chromium 153 with the libraries that a machine without a desktop lacks; for Linux x64 only. */
const packagedChromium = '@sparticuz/chromium@153.0.0';

const installedBrowsers: Readonly<Record<string, readonly string[]>> = {
  linux: [
    '/usr/bin/chromium',
    '/usr/bin/chromium-browser',
    '/usr/bin/google-chrome',
    '/usr/bin/google-chrome-stable',
    '/usr/bin/microsoft-edge',
  ],
  darwin: [
    '/Applications/Google Chrome.app/Contents/MacOS/Google Chrome',
    '/Applications/Chromium.app/Contents/MacOS/Chromium',
    '/Applications/Microsoft Edge.app/Contents/MacOS/Microsoft Edge',
  ],
  win32: [
    'C:\\Program Files\\Google\\Chrome\\Application\\chrome.exe',
    'C:\\Program Files (x86)\\Microsoft\\Edge\\Application\\msedge.exe',
  ],
};

/**
 * The installed Chromium, Chrome or Edge, else one provisioned below `.vscode-test/`; on Linux with fonts of its own,
 * so that screenshots look alike everywhere. Rejects where there is none and none can be provisioned.
 */
export async function chromium(): Promise<Chromium> {
  const fonts: Record<string, string> =
    process.platform === 'linux' ? { FONTCONFIG_FILE: await fontConfiguration() } : {};
  const installed = installedBrowsers[process.platform]?.find((file) => existsSync(file));
  if (installed !== undefined) return { executable: installed, environment: fonts };

  if (process.platform !== 'linux' || process.arch !== 'x64') {
    throw new Error(`install Chrome, Chromium or Edge: none is packaged for ${process.platform}-${process.arch}`);
  }
  const folder = await provisionFolder(`chromium-unpacked/${packagedChromium}`, unpackChromium);
  return {
    executable: path.join(folder, 'chromium'),
    environment: { ...fonts, LD_LIBRARY_PATH: path.join(folder, 'lib') },
  };
}

/** Leaves `chromium` and `lib/` (NSS and its kin); the package's software renderer for WebGL is not needed. */
async function unpackChromium(scratch: string): Promise<void> {
  const download = path.join(scratch, 'package');
  await mkdir(download);
  await npmInstall(packagedChromium, download);
  const packed = path.join(download, 'node_modules/@sparticuz/chromium/bin');
  await unbrotli(path.join(packed, 'chromium.br'), path.join(scratch, 'chromium'));
  await chmod(path.join(scratch, 'chromium'), 0o755);
  await unbrotli(path.join(packed, 'al2023.tar.br'), path.join(scratch, 'lib.tar'));
  await runQuietly('tar', ['-xf', 'lib.tar'], scratch);
  await rm(path.join(scratch, 'lib.tar'));
  await rm(download, { recursive: true });
}

function unbrotli(from: string, to: string): Promise<void> {
  return pipeline(createReadStream(from), createBrotliDecompress(), createWriteStream(to));
}
