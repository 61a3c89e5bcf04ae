import pino from 'pino';
import { Emitter } from '../../base/emitter.ts';
import type { LogFields, RedactingLogger } from '../../base/logger.ts';
import { redactor } from '../../base/redactor.ts';
import type { LogLine } from '../../contract/logLine.ts';
import { RotatingFile } from './rotatingFile.ts';

export interface GatewayLogOptions {
  readonly path: string;
  /** Where people read along; undefined when nobody does. */
  readonly console: ((text: string) => void) | undefined;
}

const maxBytes = 5 * 1024 * 1024;
const keep = 3;
const sayMs = 100;

/**
 * The gateway's log: JSON lines in a rotated file, the same for people on the console, and for windows. Every secret that
 * is alive is cut out of every line, whatever it got into (security.md 9).
 */
export class GatewayLog implements RedactingLogger {
  readonly lines = new Emitter<LogLine>(() => undefined);
  readonly #file: RotatingFile;
  readonly #pino: pino.Logger;
  readonly #console: ((text: string) => void) | undefined;
  #redact = redactor([]);
  #unsaid = '';
  #sayTimer: NodeJS.Timeout | undefined;

  constructor(options: GatewayLogOptions) {
    this.#console = options.console;
    this.#file = new RotatingFile({ path: options.path, maxBytes, keep });
    const destination = { write: (line: string) => this.#file.write(line) };
    this.#pino = pino({ base: null, hooks: { streamWrite: (line) => this.redact(line) } }, destination);
  }

  /** The secrets of the moment: tokens and keys. Short ones are left alone, they would cut into words. */
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

  close(): Promise<void> {
    this.#say();
    return this.#file.close();
  }

  #write(level: LogLine['level'], event: string, fields: LogFields): void {
    this.#pino[level](fields, event);
    if (level === 'debug' || (this.#console === undefined && !this.lines.hasListeners)) return;
    const line: LogLine = { atMs: Date.now(), level, event, fields };
    if (this.#console !== undefined) {
      this.#unsaid += forPeople(line);
      this.#sayTimer ??= setTimeout(() => this.#say(), sayMs);
    }
    if (this.lines.hasListeners) this.lines.emit(JSON.parse(this.redact(JSON.stringify(line))) as LogLine);
  }

  /** Writing to a terminal or a pipe blocks: it is done in batches, and not while a request is on its way. */
  #say(): void {
    clearTimeout(this.#sayTimer);
    this.#sayTimer = undefined;
    const text = this.#unsaid;
    this.#unsaid = '';
    if (text !== '') this.#console?.(this.redact(text));
  }
}

/** What comes from clients and endpoints must not steer a terminal. */
function printable(text: string): string {
  return /^[\x20-\x7e\u00a0-\uffff]*$/.test(text) ? text : JSON.stringify(text);
}

function forPeople({ atMs, level, event, fields }: LogLine): string {
  const time = new Date(atMs).toTimeString().slice(0, 8);
  const mark = level === 'info' ? '' : `${level}: `;
  const told = Object.entries(fields)
    .filter(([, value]) => value !== undefined)
    .map(([name, value]) => `${name}=${printable(String(value))}`);
  return `${time} ${mark}${[event, ...told].join(' ')}\n`;
}
