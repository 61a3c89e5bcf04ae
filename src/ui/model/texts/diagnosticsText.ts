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
  /** Whether it belongs to this user; true if unknown. */
  readonly isOurs: boolean;
}

/** The input of diagnostics. May contain secrets anywhere. */
export interface DiagnosticsFacts {
  readonly writtenAt: string;
  readonly versions: Readonly<Record<string, string>>;
  readonly status: GatewayStatus;
  /** The configuration as in the settings, and the settings of windows only. */
  readonly document: Readonly<Record<string, unknown>>;
  readonly windowSettings: Readonly<Record<string, unknown>>;
  readonly problems: readonly SettingsProblem[];
  /** The source of each endpoint's key: `secret storage`, `env:NAME`, `lost`, `none`. */
  readonly keys: Readonly<Record<string, string>>;
  /** The end of the gateway's log, and the output of its last crash. */
  readonly log: readonly string[];
  readonly lastWords: string;
  /** The folder itself first; the reason if it cannot be read. */
  readonly folder: readonly FileFacts[] | string;
  /** Names of the environment variables that are set. */
  readonly variables: readonly string[];
  readonly secrets: readonly string[];
  /** Paths and their replacements, longest first. */
  readonly places: readonly (readonly [path: string, name: string])[];
}

const intro = `This document is for a bug report: everything in it was read at one moment, and nothing was sent anywhere.

**Left out:** API keys, tokens, the values of headers, user names, passwords, queries and key-like parts of URLs, the values of
environment variables, and whatever looks like one of these. Prompts and answers are never recorded in the first place.
**In it:** names and addresses of your endpoints, names of models and clients, times, and what went wrong. Look it through
before you pass it on.`;

/** Diagnostics as a Markdown document in English, for readers of bug reports, without secrets. Pure. */
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
    linesSection('Log of the gateway, the last lines', facts.log),
    linesSection('Last words of a gateway that died', facts.lastWords === '' ? [] : [facts.lastWords]),
    folderSection(facts.folder),
    linesSection('Variables of the environment that are set', facts.variables),
  ];
  // Redact secrets before replacing paths: a path may be part of a secret.
  const safe = withoutSecrets(sections.join('\n\n'), facts.secrets);
  return `${facts.places.reduce(withoutPlace, safe)}\n`;
}

function statusSection(status: GatewayStatus): string {
  const { kind } = status;
  if (kind === 'running') return section('The gateway', status.snapshot.gateway);
  const why = kind === 'failed' ? `\n\n${fenced(JSON.stringify(status.failure, null, 2), 'json')}` : '';
  const isOther = kind === 'failed' && status.failure.kind === 'otherProtocol';
  const told = isOther ? 'A gateway runs, but of a version that this extension does not understand' : `State: ${kind}`;
  const missing = 'So the states of endpoints, sessions and requests are **missing** here.';
  return `## The gateway\n\n${told}. ${missing}${why}`;
}

/** The snapshot in parts; requests include the reasons for and against each endpoint. */
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

/** Large lists have one element per line, for reading and searching. */
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

/** The fence is longer than any run of backticks inside. */
function fenced(text: string, language: string): string {
  const longest = Math.max(2, ...[...text.matchAll(/`+/g)].map(([run]) => run.length));
  const fence = '`'.repeat(longest + 1);
  return `${fence}${language}\n${text}\n${fence}`;
}

/** Replaces a path, plain and as in JSON (with doubled backslashes). */
function withoutPlace(text: string, [path, name]: readonly [path: string, name: string]): string {
  return text.replaceAll(JSON.stringify(path).slice(1, -1), name).replaceAll(path, name);
}
