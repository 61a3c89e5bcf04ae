/** Texts with which somebody outside might try to put more than words into a Markdown text. */
export const hostileTexts: readonly string[] = [
  '[click](command:signalbox.resetAll)',
  '[click](https://evil.example)',
  '![x](https://evil.example/x.png)',
  '<img src=x onerror=alert(1)>',
  '<https://evil.example>',
  'https://evil.example/path',
  'http://evil',
  'www.evil.example',
  '**bold** _slanted_ ~~struck~~',
  '`code`',
  '$(flame)',
  '$(sync~spin)',
  'a | b | c',
  'line\n\n# heading',
  'line\r\n- item',
  '&lt;b&gt;',
  '\\[click](https://evil.example)',
  '[x]: https://evil.example',
];

const escaped = /\\([!-/:-@[-`{-~])/g;

/** A Markdown text as it is read: without the backslashes before marks. */
export function shown(markdown: string): string {
  return markdown.replace(escaped, '$1');
}

/**
 * All that is more than words in a Markdown text as VS Code shows it: marks that are not escaped, code, line ends,
 * addresses that become links by themselves, icons. Two texts that differ in words only give the same.
 */
export function liveMarks(markdown: string): string {
  // Icons are looked for in what has been rendered, where only a backslash that is left over keeps one from being shown.
  const icons = shown(markdown).match(/(?<!\\)\$\([a-z0-9-]+(?:~[a-z]+)?\)/gi) ?? [];
  const unescaped = markdown.replace(escaped, '·');
  const withoutCode = unescaped.replace(/(`+)(?!`)[\s\S]*?(?<!`)\1(?!`)/g, '\uE000');
  const marks = withoutCode.match(/https?:\/\/|ftp:\/\/|www\.|[\uE000`*_[\]()<>|~&\n\\]/gi) ?? [];
  return [...marks, ...icons].join(' ');
}
