import { readFileSync } from 'node:fs';
import path from 'node:path';

const root = path.resolve(import.meta.dirname, '../../..');

interface Setting {
  readonly default?: unknown;
  readonly order?: number;
  readonly markdownDescription?: string;
  readonly description?: string;
}

interface Section {
  readonly title: string;
  readonly order?: number;
  readonly properties: Readonly<Record<string, Setting>>;
}

/** The page of the settings in each language; the table stands between two marks. */
export const settingsPages = [
  { file: 'docs/settings.md', texts: 'package.nls.json', head: ['Setting', 'Default', 'What it is'] },
  { file: 'docs/settings.zh-CN.md', texts: 'package.nls.zh-cn.json', head: ['设置', '默认值', '说明'] },
] as const;

/** The settings as the manifest has them, as a Markdown table in the language of these texts. */
export function settingsTable({ texts, head }: (typeof settingsPages)[number]): string {
  const words = readJson(texts) as Readonly<Record<string, string>>;
  const said = (text = ''): string => text.replace(/^%(.+)%$/, (whole, key: string) => words[key] ?? whole);
  const { contributes } = readJson('package.json') as { contributes: { configuration: readonly Section[] } };
  const sections = contributes.configuration.toSorted((a, b) => (a.order ?? 0) - (b.order ?? 0));
  const rows = sections.flatMap(({ properties }) =>
    Object.entries(properties)
      .toSorted(([, a], [, b]) => (a.order ?? 0) - (b.order ?? 0))
      .map(([name, setting]) => {
        const cells = [
          `\`${name}\``,
          `\`${JSON.stringify(setting.default)}\``,
          firstParagraph(said(setting.markdownDescription ?? setting.description)),
        ];
        return `| ${cells.join(' | ')} |`;
      }),
  );
  return [`| ${head.join(' | ')} |`, '|---|---|---|', ...rows].join('\n');
}

/** Links to commands and settings lead nowhere outside VS Code. */
function firstParagraph(text: string): string {
  const [first = ''] = text.split(/\n\n/);
  return first
    .replace(/\[([^\]]+)\]\(command:[^)]*\)/g, '*$1*')
    .replace(/`#([\w.]+)#`/g, '`$1`')
    .replace(/\n/g, ' ')
    .replaceAll('|', '\\|');
}

/** A page's text with the current table in it. */
export function withSettingsTable(page: string, table: string): string {
  return page.replace(
    /(<!-- settings: begin -->\n)[\s\S]*?(<!-- settings: end -->)/,
    (_all, begin: string, end: string) => `${begin}${table}\n${end}`,
  );
}

function readJson(file: string): unknown {
  return JSON.parse(readFileSync(path.join(root, file), 'utf8'));
}
