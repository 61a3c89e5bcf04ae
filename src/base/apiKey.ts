/** An API key goes into a header: printable ASCII without spaces. Pasted text may hold line breaks or typographic quotes. */
export const keyCharacters = /^[\x21-\x7e]+$/;
export const longestKey = 4096;

/** Whether a text can be sent as an API key. */
export function isKey(text: string): boolean {
  return text.length <= longestKey && keyCharacters.test(text);
}
