/** Sentences one after the other, without the empty ones. Chinese ones have no blank in between. */
export function sentences(...all: readonly string[]): string {
  return all
    .filter((one) => one !== '')
    .join(' ')
    .replaceAll('。 ', '。');
}
