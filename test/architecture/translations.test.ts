import assert from 'node:assert/strict';
import path from 'node:path';
import { manifest, manifestTexts, readJson, stringsIn } from './manifestFile.ts';
import { UiSources } from './uiSources.ts';

const texts = new UiSources(path.resolve(import.meta.dirname, '../..')).translatedTexts;
const chinese = readJson('l10n/bundle.l10n.zh-cn.json') as Readonly<Record<string, string>>;

/** Names and signs that are the same in every language. */
const sameEverywhere = new Set(['Signalbox', 'API', 'Anthropic API', 'OpenAI API', '{0} ms']);

/** The placeholders and links that a translation must keep, sorted. */
function found(text: string, pattern: RegExp): readonly string[] {
  return [...new Set(text.match(pattern) ?? [])].sort();
}

/** The entries whose translation has not the same ones as the original. */
function different(pairs: readonly (readonly [original: string, translation: string])[], pattern: RegExp): string[] {
  return pairs
    .filter(([original, translation]) => `${found(original, pattern)}` !== `${found(translation, pattern)}`)
    .map(([original]) => original);
}

/** Those that are not in Chinese script; some texts are all names, and only their punctuation is Chinese. */
function notChinese(pairs: readonly (readonly [original: string, translation: string])[]): string[] {
  return pairs
    .filter(([original, text]) =>
      sameEverywhere.has(original) ? text !== original : !/[\p{Script=Han}\u3000-\u303f\uff00-\uffef]/u.test(text),
    )
    .map(([original]) => original);
}

describe('the texts of the manifest', () => {
  const { en, 'zh-cn': zh } = manifestTexts;
  const keys = stringsIn(manifest).flatMap((text) => /^%([\w.]+)%$/.exec(text)?.[1] ?? []);
  const pairs = Object.keys(en).map((key) => [en[key] ?? '', zh[key] ?? ''] as const);

  it('are all there in both languages, and no others', () => {
    const wanted = [...new Set(keys)].sort();
    assert.deepEqual(Object.keys(en).sort(), wanted);
    assert.deepEqual(Object.keys(zh).sort(), wanted);
  });

  it('are in no other place than their files', () => {
    const prose = stringsIn(manifest.contributes).filter((text) => /[a-z]{2} [a-z]/i.test(text));
    assert.deepEqual(
      prose.filter((text) => !/[=!]|\$\{/.test(text)),
      [],
    );
  });

  it('have the same links and the same code in both languages', () => {
    assert.deepEqual(different(pairs, /\(command:[\w.]+\)|`[^`]+`|#signalbox\.[\w.]+#/g), []);
  });

  it('are Chinese in Chinese', () => {
    assert.deepEqual(notChinese(pairs), []);
  });

  it('say the same thing as the code where the English is the same', () => {
    const differing = pairs.filter(([original, text]) => (chinese[original] ?? text) !== text);
    assert.deepEqual(differing, []);
  });
});

describe('the texts of the code', () => {
  const used = [...new Set(texts.flatMap(({ text }) => text ?? []))].sort();
  const pairs = Object.entries(chinese);

  it('are string literals', () => {
    assert.ok(texts.length > 200, `only ${texts.length} calls of t were found`);
    assert.deepEqual(
      texts.filter(({ text }) => text === undefined),
      [],
    );
  });

  it('are all translated, and no others', () => {
    const missing = used.filter((text) => chinese[text] === undefined);
    const superfluous = Object.keys(chinese).filter((text) => !used.includes(text));
    assert.deepEqual({ missing, superfluous }, { missing: [], superfluous: [] });
  });

  it('keep their placeholders', () => {
    assert.deepEqual(different(pairs, /\{\w+\}/g), []);
  });

  it('are Chinese in Chinese', () => {
    assert.deepEqual(notChinese(pairs), []);
  });
});
