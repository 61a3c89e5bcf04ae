/** Everything but letters, marks, digits, punctuation, symbols and the plain space. */
const others = /[^\p{L}\p{M}\p{N}\p{P}\p{S} ]/gu;
/** Most texts are of these alone, which is seen ten times as fast. */
const plain = /^[\x20-\x7e]*$/;
const plainLines = /^[\x20-\x7e\n]*$/;

/**
 * Words from outside for people and their programs, in one line: only what can be seen passes. Other spaces become plain ones;
 * control and format characters (terminal sequences, line ends, marks that turn the direction of writing, tags), halves of
 * surrogate pairs and what Unicode has not assigned are given by their code: `\u{202e}`.
 */
export function visibleText(text: string): string {
  if (plain.test(text)) return text;
  return text.replace(others, (one) => {
    return /\p{Zs}/u.test(one) ? ' ' : `\\u{${(one.codePointAt(0) ?? 0).toString(16)}}`;
  });
}

/** JSON text without any character that `visibleText` does not let pass, line ends apart. It means the same. */
export function visibleJson(json: string): string {
  if (plainLines.test(json)) return json;
  return json.replace(others, (one) => {
    if (one === '\n') return one;
    const units = Array.from({ length: one.length }, (_, at) => one.charCodeAt(at));
    return units.map((unit) => `\\u${unit.toString(16).padStart(4, '0')}`).join('');
  });
}
