/** The kinds of rules that a request can break, by the names that tests use. */
export type Rule =
  | 'unknownKey'
  | 'missingKey'
  | 'wrongType'
  | 'unknownKind'
  | 'alphabet'
  | 'length'
  | 'limit'
  | 'role'
  | 'order'
  | 'unansweredCall'
  | 'orphanResult'
  | 'repeatedId'
  | 'emptyContent'
  | 'media'
  | 'duplicateTool'
  | 'toolChoice'
  | 'schema'
  | 'unsupported'
  | 'reasoningMissing'
  | 'reasoningOrder'
  | 'seal'
  | 'prefix';

/** A rule that a request breaks. `param` and `code` are OpenAI's fields; in a Messages API the message has the path. */
export interface Problem {
  readonly rule: Rule;
  readonly message: string;
  readonly param: string | null;
  readonly code: string | null;
  /** Default: 400. */
  readonly status?: number;
}

/** Problems, the first one first; a vendor tells only that. */
export type Problems = Generator<Problem, void>;

/** The first problem, or nothing. */
export function firstOf(problems: Problems): Problem | undefined {
  const { value } = problems.next();
  return value === undefined ? undefined : value;
}

/** A problem in the form of OpenAI's errors. */
export function problem(rule: Rule, message: string, param: string | null = null, code: string | null = null): Problem {
  return { rule, message, param, code };
}
