import type { Evidence } from './evidence.ts';

/**
 * Whether a message names this model as a whole word: `gpt-5` is not in `gpt-5-mini`, and `o3` is not in `foo3`. A model
 * without a name is in no message.
 */
export function namesModel(message: string, model: string | undefined): boolean {
  if (model === undefined || model === '') return false;
  const text = message.toLowerCase();
  const wanted = model.toLowerCase();
  for (let at = text.indexOf(wanted); at !== -1; at = text.indexOf(wanted, at + 1)) {
    const isAtStart = !/[\p{L}\p{N}_.-]$/u.test(text.slice(Math.max(0, at - 2), at));
    if (
      isAtStart &&
      !/^(?:[\p{L}\p{N}_-]|[.:/@][\p{L}\p{N}])/u.test(text.slice(at + wanted.length, at + wanted.length + 4))
    )
      return true;
  }
  return false;
}

/** A whole message that says no more than that there is nothing. */
const onlyNotFound = /^(?:error:? *)?(?:404:? *)?(?:(?:page|path|route|url|endpoint|resource) )?not[ _]found[.!]?$/i;
const noRoute =
  /\bcannot post\b|\bno route\b|\bno such (?:route|path|endpoint)\b|\binvalid url\b|\bunknown (?:url|path|route|endpoint|request url)\b|^404 page not found$|\broute .*not found\b/i;

/**
 * Whether a 404 says that the endpoint does not have this path at all. A page that only says "404 Not Found" does not say
 * which of its things is missing.
 */
export function missesPath({ form, message }: Evidence, path: string | undefined): boolean {
  const text = message.slice(0, 1000).trim();
  if (noRoute.test(text) || (path !== undefined && text.includes(path))) return true;
  return form === 'json' && (text === '' || onlyNotFound.test(text));
}
