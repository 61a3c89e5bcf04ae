import assert from 'node:assert/strict';
import { globSync, readFileSync } from 'node:fs';
import path from 'node:path';
import { manifestTexts, readJson } from './manifestFile.ts';
import { UiSources } from './uiSources.ts';

const root = path.resolve(import.meta.dirname, '../..');
const chinese = readJson('l10n/bundle.l10n.zh-cn.json') as Readonly<Record<string, string>>;
const commandLine = 'src/gateway/process/commandLine.ts';

/** A text that people read, and the place to mend it. */
interface Words {
  readonly place: string;
  readonly text: string;
}

/** Paragraphs of a document without code, links' targets and comments, by line. */
function paragraphsOf(file: string): Words[] {
  const text = readFileSync(path.join(root, file), 'utf8')
    .replace(/```[\s\S]*?```/g, (code) => code.replace(/[^\n]/g, ''))
    .replace(/`[^`\n]*`/g, '`code`')
    .replace(/\]\([^)]*\)/g, ']');
  return text.split('\n').map((line, index) => ({ place: `${file}:${index + 1}`, text: line }));
}

const documents = globSync(['*.md', 'docs/*.md'], { cwd: root }).filter((file) => !/CONTRIBUTING|bounds/.test(file));
const isChinese = (file: string): boolean => /zh-cn/i.test(file);
const inCode = new UiSources(root).translatedTexts.flatMap(({ text }) => (text === undefined ? [] : [text]));

const english: readonly Words[] = [
  ...Object.entries(manifestTexts.en).map(([place, text]) => ({ place, text })),
  ...inCode.map((text) => ({ place: 'l10n', text })),
  ...documents.filter((file) => !isChinese(file)).flatMap(paragraphsOf),
  ...paragraphsOf(commandLine),
];

const chineseWords: readonly Words[] = [
  ...Object.entries(manifestTexts['zh-cn']).map(([place, text]) => ({ place, text })),
  ...Object.entries(chinese).map(([place, text]) => ({ place, text })),
  ...documents.filter(isChinese).flatMap(paragraphsOf),
];

/** The texts in which the pattern is found, with what stands around it. */
function found(words: readonly Words[], pattern: RegExp): string[] {
  return words.flatMap(({ place, text }) => {
    const plain = text.replace(/`[^`]*`/g, '`code`').replace(/\(command:[^)]*\)/g, '');
    const at = plain.search(pattern);
    return at < 0 ? [] : [`${place}: …${plain.slice(Math.max(0, at - 30), at + 40)}…`];
  });
}

describe('the words that people read', () => {
  it('are found', () => {
    assert.ok(english.length > 600 && chineseWords.length > 600, `${english.length}, ${chineseWords.length}`);
  });

  it('F: call our process a gateway; a proxy is a network, HTTP or SOCKS proxy and is called so', () => {
    const kinds = 'network|HTTP|https|SOCKS5?|socks5h|that';
    assert.deepEqual(found(english, new RegExp(`(?<!\\b(?:${kinds}) )\\bprox(?:y|ies)\\b`, 'i')), []);
  });

  it('F: call it 网关 in Chinese; 代理 is 网络代理, HTTP 代理 or SOCKS 代理', () => {
    assert.deepEqual(found(chineseWords, /(?<!网络|(?:HTTPS?|SOCKS5?|socks5h) )代理/), []);
  });

  it('F: have one term a thing in Chinese', () => {
    for (const other of ['编程助手', '回答', '归咎', '怪罪', '您', '智能代理']) {
      assert.deepEqual(found(chineseWords, new RegExp(other)), [], `${other} has another name elsewhere`);
    }
  });

  it('F: have Chinese punctuation between Chinese words', () => {
    assert.deepEqual(found(chineseWords, /\p{Script=Han}[,;:?!]|[,;?!] ?\p{Script=Han}/u), []);
  });

  it('F: are plain English', () => {
    const stilted = [
      /all the same/i,
      /\banew\b/i,
      /held to account|held against/i,
      /is nobody else's fault/i,
      /\bwants (?:a|an|of|to)\b/i,
      /\b(?:is|are) told\b/i,
      /\bblame/i,
      /in force/i,
      /\bwhoever\b/i,
      /what became of/i,
      /What now\?/,
    ];
    for (const pattern of stilted) assert.deepEqual(found(english, pattern), [], String(pattern));
  });
});
