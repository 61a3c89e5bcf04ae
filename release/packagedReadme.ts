import type { WebPlaces } from './addresses.ts';

/**
 * The README of the package. VS Code shows only pictures with an https address, whatever is packed: without a place on
 * the web, pictures give way to their descriptions, and links into the repository to their words.
 */
export function packagedReadme(text: string, { links, images }: WebPlaces): string {
  const picture = /!\[([^\]]*)\]\((?!https?:)([^)]+)\)/g;
  const link = /(?<!!)\[([^\]]+)\]\((?!https?:|#|command:)([^)]+)\)/g;
  const withPictures =
    images === undefined
      ? text.replace(/^!\[[^\]]*\]\((?!https?:)[^)]+\)\n\n/gm, '').replace(picture, '*$1*')
      : text.replace(picture, `![$1](${images}/$2)`);
  if (links !== undefined) return withPictures.replace(link, `[$1](${links}/$2)`);
  return withPictures.replace(/^(# .+) · \[.*$/m, '$1').replace(link, '$1');
}
