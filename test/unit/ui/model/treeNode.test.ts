import assert from 'node:assert/strict';
import fc from 'fast-check';
import { plainMarkdown } from '../../../../src/ui/model/treeNode.ts';
import { hostileTexts, liveMarks, shown } from './trees/liveMarkdown.ts';

describe('plainMarkdown', () => {
  it('shows a text as it is', () => {
    for (const text of ['First party', 'relay_2 (eu)', 'a*b*c', '公司网关 #1', 'C:\\temp', '100 % & more', 'é😀']) {
      assert.equal(shown(plainMarkdown(text)), text);
    }
  });

  it('leaves no mark in force', () => {
    for (const text of hostileTexts.filter((one) => !/:\/\/|^\$/.test(one)))
      assert.equal(liveMarks(plainMarkdown(text)), '', text);
  });

  it('leaves no address that becomes a link by itself', () => {
    for (const text of [
      'https://evil.example',
      'http://evil',
      'ftp://evil.example',
      'www.evil.example',
      'see HTTPS://evil',
    ]) {
      assert.equal(liveMarks(plainMarkdown(text)), '', text);
    }
  });

  // Icons are looked for in what has been rendered already, so a backslash of Markdown is no help.
  it('leaves no icon', () => {
    for (const text of ['$(flame)', '$(sync~spin)', 'x $(error) y', '\\$(flame)'])
      assert.equal(liveMarks(plainMarkdown(text)), '', text);
  });

  it('is one line', () => {
    assert.equal(plainMarkdown('a\n\nb\r\nc\td'), 'a b c d');
  });

  it('is as good as its word for any text without addresses and icons', () => {
    const property = fc.property(fc.string({ unit: 'grapheme' }), fc.string(), (some, more) => {
      const text = `${some}${more}`.replace(/:\/\/|www|\$/gi, '');
      assert.equal(liveMarks(plainMarkdown(text)), '', text);
      assert.equal(shown(plainMarkdown(text)), text.replace(/[\s\p{Cc}]+/gu, ' '));
    });
    fc.assert(property);
  });
});
