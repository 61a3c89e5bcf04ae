import assert from 'node:assert/strict';
import chinese from '../../../../../l10n/bundle.l10n.zh-cn.json' with { type: 'json' };
import { pageTexts } from '../../../../../src/contract/dashboardTexts.ts';
import { tokensText } from '../../../../../src/ui/model/texts/durationText.ts';
import { listText } from '../../../../../src/ui/model/texts/listText.ts';
import { formatsFor } from '../../../../../src/webview/elements/formats.ts';

describe('a list in a line', () => {
  it('F: has the comma of its language, and no empty parts', () => {
    assert.equal(
      listText(['16.4k in', '', '336 out'], (text) => text),
      '16.4k in, 336 out',
    );
    const zh = (text: string): string => (chinese as Readonly<Record<string, string>>)[text] ?? text;
    assert.equal(listText(['输入 16.4k', '输出 336'], zh), '输入 16.4k，输出 336');
  });
});

describe('a count of tokens', () => {
  it('F: is the same in the sidebar and on the dashboard, in both languages', () => {
    for (const locale of ['en', 'zh-CN']) {
      const formats = formatsFor(locale, pageTexts.units);
      for (const count of [840, 16_400, 51_100]) {
        assert.equal(formats.value(count, 'tokens'), tokensText(count));
      }
    }
  });
});
