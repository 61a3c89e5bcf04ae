import type { LogFields } from '../base/logger.ts';

/** One line of the gateway's log, as windows and terminals get it. */
export interface LogLine {
  readonly atMs: number;
  readonly level: 'debug' | 'info' | 'warn' | 'error';
  readonly event: string;
  readonly fields: LogFields;
}
