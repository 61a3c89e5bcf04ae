/** What a log line may carry: short, flat, never a key, a prompt or an answer. */
export type LogFields = Readonly<Record<string, string | number | boolean | undefined>>;

/** Where events are told. Implementations redact every live secret and never throw into the caller. */
export interface Logger {
  debug(event: string, fields?: LogFields): void;
  info(event: string, fields?: LogFields): void;
  warn(event: string, fields?: LogFields): void;
  error(event: string, fields?: LogFields): void;
}

/** A logger that knows the live secrets, and cuts them out of texts that go elsewhere, too. */
export interface RedactingLogger extends Logger {
  redact(text: string): string;
}
