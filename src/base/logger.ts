/** Fields of a log line: short and flat; never a key, a prompt or an answer. */
export type LogFields = Readonly<Record<string, string | number | boolean | undefined>>;

/** A sink for log events. Implementations redact every live secret and never throw. */
export interface Logger {
  debug(event: string, fields?: LogFields): void;
  info(event: string, fields?: LogFields): void;
  warn(event: string, fields?: LogFields): void;
  error(event: string, fields?: LogFields): void;
}

/** A logger that knows the live secrets and also redacts texts that are sent elsewhere. */
export interface RedactingLogger extends Logger {
  redact(text: string): string;
}
