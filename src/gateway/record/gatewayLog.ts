import pino from 'pino';
import type { LogFields, RedactingLogger } from '../../base/logger.ts';
import { redactor } from '../../base/redactor.ts';
import { visibleJson, visibleText } from '../../base/visibleText.ts';
import type { LogLine } from '../../contract/logLine.ts';
import { RotatingFile } from './rotatingFile.ts';

export interface GatewayLogOptions {
  readonly path: string;
  /** Receives the log as text for a person; undefined when nobody reads it. */
  readonly console: ((text: string) => void) | undefined;
}

const maxBytes = 5 * 1024 * 1024;
const keep = 3;
const printMs = 100;
const linesLost = 'lines of the log were lost';

/**
 * The gateway's log: JSON lines in a rotated file, text on the console, events for windows. Every current secret is redacted
 * in every line, wherever it appears (security.md 9).
 */
export class GatewayLog implements RedactingLogger {
  /** Receives each line as the JSON of a `LogLine`; undefined while nobody reads it. */
  onLine: ((json: string) => void) | undefined;
  readonly #file: RotatingFile;
  readonly #pino: pino.Logger;
  readonly #console: ((text: string) => void) | undefined;
  #redact = redactor([]);
  #pending = '';
  #printTimer: NodeJS.Timeout | undefined;

  constructor(options: GatewayLogOptions) {
    this.#console = options.console;
    const onLost = (lines: number): void => this.warn(linesLost, { lines });
    this.#file = new RotatingFile({ path: options.path, maxBytes, keep, onLost });
    const destination = { write: (line: string) => this.#file.write(line) };
    this.#pino = pino({ base: null, hooks: { streamWrite: (line) => visibleJson(this.redact(line)) } }, destination);
  }

  /** Sets the secrets to redact: tokens and keys. Short ones are not redacted, since they would match parts of words. */
  protect(secrets: readonly string[]): void {
    this.#redact = redactor(secrets);
  }

  redact(text: string): string {
    return this.#redact(text);
  }

  debug(event: string, fields: LogFields = {}): void {
    this.#write('debug', event, fields);
  }

  info(event: string, fields: LogFields = {}): void {
    this.#write('info', event, fields);
  }

  warn(event: string, fields: LogFields = {}): void {
    this.#write('warn', event, fields);
  }

  error(event: string, fields: LogFields = {}): void {
    this.#write('error', event, fields);
  }

  /** Ends within two seconds, whatever the disk does; the console is told of lines that are in no file. */
  async close(): Promise<void> {
    const lines = await this.#file.close();
    if (lines > 0 && this.#console !== undefined) {
      this.#pending += textOf({
        atMs: Date.now(),
        level: 'warn',
        event: linesLost,
        fields: { lines },
      });
    }
    this.#print();
  }

  #write(level: LogLine['level'], event: string, fields: LogFields): void {
    this.#pino[level](fields, event);
    if (level === 'debug' || (this.#console === undefined && this.onLine === undefined)) return;
    const line: LogLine = { atMs: Date.now(), level, event, fields };
    if (this.#console !== undefined) {
      this.#pending += textOf(line);
      this.#printTimer ??= setTimeout(() => this.#print(), printMs);
    }
    this.onLine?.(this.redact(JSON.stringify(line)));
  }

  /** In batches: writing to a terminal or a pipe blocks the event loop. */
  #print(): void {
    clearTimeout(this.#printTimer);
    this.#printTimer = undefined;
    const text = this.#pending;
    this.#pending = '';
    if (text !== '') this.#console?.(this.redact(text));
  }
}

function textOf({ atMs, level, event, fields }: LogLine): string {
  let text = timeText(Math.floor(atMs / 1000));
  text += level === 'info' ? ` ${event}` : ` ${level}: ${event}`;
  for (const name in fields) {
    const value = fields[name];
    if (value !== undefined) text += ` ${name}=${visibleText(String(value))}`;
  }
  return `${text}\n`;
}

let latestTime = { second: Number.NaN, text: '' };

/** The time of day. Under load many lines share a second. */
function timeText(second: number): string {
  if (latestTime.second !== second) {
    latestTime = { second, text: new Date(second * 1000).toTimeString().slice(0, 8) };
  }
  return latestTime.text;
}
