import type { Snapshot } from '../../../contract/snapshot.ts';
import type { GatewayStatus, SettingsProblem } from '../gatewayStatus.ts';
import { shownConfiguration } from '../settings/shownConfiguration.ts';
import { withoutSecrets } from '../settings/withoutSecrets.ts';

/** A file of the state folder, or that folder itself. */
export interface FileFacts {
  readonly name: string;
  /** Octal: `600`. */
  readonly mode: string;
  readonly bytes: number;
  readonly changedAt: string;
  /** Whether it belongs to this user; true where nobody can tell. */
  readonly isOurs: boolean;
}

/** What diagnostics are made of. Secrets may be anywhere in it. */
export interface DiagnosticsFacts {
  readonly writtenAt: string;
  readonly versions: Readonly<Record<string, string>>;
  readonly status: GatewayStatus;
  /** The configuration as the settings have it, and the settings that concern windows alone. */
  readonly document: Readonly<Record<string, unknown>>;
  readonly windowSettings: Readonly<Record<string, unknown>>;
  readonly problems: readonly SettingsProblem[];
  /** Where each endpoint's key comes from: `secret storage`, `env:NAME`, `lost`, `none`. */
  readonly keys: Readonly<Record<string, string>>;
  /** The end of the gateway's log, and what it said when it died. */
  readonly log: readonly string[];
  readonly lastWords: string;
  /** The folder itself first; why it cannot be read where it cannot. */
  readonly folder: readonly FileFacts[] | string;
  /** Names of variables of the environment that are set. */
  readonly variables: readonly string[];
  readonly secrets: readonly string[];
  /** Paths, and what stands for them: longer ones first. */
  readonly places: readonly (readonly [path: string, name: string])[];
}

const intro = `This document is for a bug report: everything in it was read at one moment, and nothing was sent anywhere.

**Left out:** API keys, tokens, the values of headers, user names, passwords, queries and key-like parts of URLs, the values of
environment variables, and whatever looks like one of these. Prompts and answers are never recorded in the first place.
**In it:** names and addresses of your endpoints, names of models and clients, times, and what went wrong. Look it through
before you pass it on.`;

/** Diagnostics as a Markdown document in English, for those who read bug reports; without any of the secrets. Pure. */
export function diagnosticsText(facts: DiagnosticsFacts): string {
  const { status } = facts;
  const sections = [
    `# Signalbox diagnostics\n\n${facts.writtenAt}\n\n${intro}`,
    section('Versions', facts.versions),
    statusSection(status),
    section('Problems of the settings', facts.problems),
    section('Configuration', shownConfiguration(facts.document)),
    section('Settings of windows', facts.windowSettings),
    section('Keys', facts.keys),
    ...(status.kind === 'running' ? stateSections(status.snapshot) : []),
    linesSection('Log of the proxy, the last lines', facts.log),
    linesSection('Last words of a proxy that died', facts.lastWords === '' ? [] : [facts.lastWords]),
    folderSection(facts.folder),
    linesSection('Variables of the environment that are set', facts.variables),
  ];
  // Secrets first: a place may be a part of one, which would not be known afterwards.
  const safe = withoutSecrets(sections.join('\n\n'), facts.secrets);
  return `${facts.places.reduce(withoutPlace, safe)}\n`;
}

function statusSection(status: GatewayStatus): string {
  const { kind } = status;
  if (kind === 'running') return section('The proxy', status.snapshot.gateway);
  const why = kind === 'failed' ? `\n\n${fenced(JSON.stringify(status.failure, null, 2), 'json')}` : '';
  const isOther = kind === 'failed' && status.failure.kind === 'otherProtocol';
  const told = isOther ? 'A proxy runs, but of a version that this extension does not understand' : `State: ${kind}`;
  const missing = 'So the states of endpoints, sessions and requests are **missing** here.';
  return `## The proxy\n\n${told}. ${missing}${why}`;
}

/** The snapshot, part by part; requests tell of each attempt why an endpoint was chosen and the others were not. */
function stateSections({ endpoints, sessions, totals, requests }: Snapshot): string[] {
  return [
    section('Endpoints', endpoints),
    section('Totals', totals),
    section('Sessions', sessions),
    section('Requests and decisions, newest first', requests),
  ];
}

function folderSection(folder: DiagnosticsFacts['folder']): string {
  if (typeof folder === 'string') return `## State folder\n\nCannot be read: ${folder}`;
  const rows = folder.map(({ name, mode, bytes, changedAt, isOurs }) => {
    return [mode, String(bytes).padStart(9), changedAt, isOurs ? '' : '(of another user)', name].join(' ');
  });
  return linesSection('State folder', rows);
}

/** Large lists have an element a line, which is easier on the eyes and on the search. */
function section(title: string, value: unknown): string {
  const isEmpty = Object.keys(value as object).length === 0;
  if (isEmpty) return `## ${title}\n\nNone.`;
  const text = Array.isArray(value)
    ? value.map((one) => JSON.stringify(one)).join('\n')
    : JSON.stringify(value, null, 2);
  return `## ${title}\n\n${fenced(text, Array.isArray(value) ? 'jsonl' : 'json')}`;
}

function linesSection(title: string, lines: readonly string[]): string {
  return `## ${title}\n\n${lines.length === 0 ? 'None.' : fenced(lines.join('\n'), 'text')}`;
}

/** What is inside cannot end it. */
function fenced(text: string, language: string): string {
  const longest = Math.max(2, ...[...text.matchAll(/`+/g)].map(([run]) => run.length));
  const fence = '`'.repeat(longest + 1);
  return `${fence}${language}\n${text}\n${fence}`;
}

/** Without the path, as it is and as JSON writes it (which doubles the backslashes of Windows). */
function withoutPlace(text: string, [path, name]: readonly [path: string, name: string]): string {
  return text.replaceAll(JSON.stringify(path).slice(1, -1), name).replaceAll(path, name);
}
