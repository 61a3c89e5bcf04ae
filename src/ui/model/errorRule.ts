import type { Rule } from '../../core/config/config.ts';
import type { Reason } from '../../core/outcome/reason.ts';
import type { AttemptRecord, RequestRecord } from '../../core/record/record.ts';

/** A rule without its class: the error that it is for. */
export type RuleDraft = Omit<Rule, 'class'>;

/** An error of a request that a rule can be written for, and the class that it has now. */
export interface TreatableError {
  readonly draft: RuleDraft;
  readonly class: AttemptRecord['class'];
}

/** The classes that a rule can give to an error, in the order in which they are offered. */
export const treatments = Object.keys({
  request: true,
  rateLimit: true,
  overloaded: true,
  billing: true,
  auth: true,
  model: true,
  transient: true,
  badResponse: true,
  unknown: true,
} satisfies Readonly<Record<Rule['class'], true>>) as readonly Rule['class'][];

/** The errors of a request that an endpoint answered with, each once. Such that the gateway made up itself are none. */
export function treatableErrors(request: Pick<RequestRecord, 'attempts'>): TreatableError[] {
  const found = new Map<string, TreatableError>();
  for (const attempt of request.attempts) {
    const draft = draftOf(attempt);
    if (draft !== undefined) found.set(JSON.stringify(draft), { draft, class: attempt.class });
  }
  return [...found.values()];
}

/** The rules with this one in front: the first that matches decides. An older one for the same error is replaced. */
export function withRule(rules: unknown, draft: RuleDraft, name: Rule['class']): object[] {
  const known = Array.isArray(rules) ? rules.filter((one) => typeof one === 'object' && one !== null) : [];
  const others = known.filter(({ class: _class, ...conditions }) => !isSame(conditions, draft));
  return [{ ...draft, class: name }, ...others];
}

function isSame(one: Readonly<Record<string, unknown>>, other: RuleDraft): boolean {
  const keys = Object.keys(other) as (keyof RuleDraft)[];
  return Object.keys(one).length === keys.length && keys.every((key) => one[key] === other[key]);
}

function draftOf({ class: name, endpointId, why }: AttemptRecord): RuleDraft | undefined {
  if (name === 'success' || name === 'clientAbort' || name === 'localNetwork') return undefined;
  const answer = why === undefined ? undefined : answerIn(why);
  if (answer === undefined || answer.status < 400 || answer.status > 599) return undefined;
  // The gateway says `error` for words of an endpoint that it does not repeat.
  const errorType = answer.type === 'error' ? undefined : answer.type;
  return { status: answer.status, ...(errorType === undefined ? {} : { errorType }), endpoint: endpointId };
}

/** The status and the word of an endpoint's error, whatever the reason is wrapped in. */
function answerIn(reason: Reason): { readonly status: number; readonly type?: string } | undefined {
  switch (reason.code) {
    case 'status':
    case 'byRule':
    case 'notApiAnswer':
      return { status: reason.status };
    case 'statusAndType':
      return { status: reason.status, type: reason.type };
    case 'withoutReset':
    case 'inStream':
    case 'inAnswer':
      return answerIn(reason.because);
    default:
      return undefined;
  }
}
