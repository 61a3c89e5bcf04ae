import assert from 'node:assert/strict';
import fc from 'fast-check';
import { englishReasons, type Reason, type ReasonCode, told } from '../../../../../src/core/outcome/reason.ts';
import { choiceText, reasonText, reasonTexts } from '../../../../../src/ui/model/texts/reasonText.ts';
import type { Translate } from '../../../../../src/ui/model/viewContext.ts';
import { reasonSamples } from '../../../core/outcome/reasonSamples.ts';
import { attemptRecord } from '../snapshotParts.ts';
import { chinese, english } from '../viewContexts.ts';

const codes = Object.keys(englishReasons) as ReasonCode[];

const placeholders = (text: string): string[] => [...new Set(text.match(/\{\w+\}/g))].sort();
const words = (reason: Reason, t: Translate = english): string => reasonText(told(reason), t);

/** All that a reason carries, but for its codes. */
function dataOf(reason: Reason): string[] {
  return Object.entries(reason).flatMap(([name, value]: [string, unknown]) => {
    if (name === 'code') return [];
    return typeof value === 'object' ? dataOf(value as Reason) : [String(value)];
  });
}

describe('reasonText', () => {
  it('has a text in English and in Chinese for each code, with the data that the code has', () => {
    for (const code of codes) {
      const data = placeholders(englishReasons[code]);
      assert.deepEqual(placeholders(reasonTexts[code](english)), data, code);
      assert.deepEqual(placeholders(reasonTexts[code](chinese)), data, code);
    }
  });

  it('leaves no place for data open and loses no status, code, type or model, in either language', () => {
    for (const [reason] of reasonSamples) {
      for (const t of [english, chinese]) {
        const text = words(reason, t);
        assert.doesNotMatch(text, /[{}]|undefined|object/);
        for (const fact of dataOf(reason)) assert.ok(text.includes(fact), `${fact} of "${text}"`);
      }
    }
  });

  it('is Chinese through and through, whatever a reason is nested in', () => {
    for (const [because] of reasonSamples.filter(([{ code }]) => code !== 'prose')) {
      const text = words({ code: 'notChosen', because: { code: 'rateLimited', because } }, chinese);
      const own = dataOf(because).reduce((rest, fact) => rest.replaceAll(fact, ''), text);
      const known = own.replaceAll(/SOCKS5|HTTP|TLS|API|content-encoding|id\b/gi, '');
      assert.doesNotMatch(known, /[a-z]{2,}/i, text);
    }
  });

  it('says things as a person would', () => {
    const limited: Reason = { code: 'statusAndType', status: 429, type: 'rate_limit_error' };
    const cases: [Reason, string][] = [
      [{ code: 'connectionRefused' }, 'connection refused'],
      [limited, '429 rate_limit_error'],
      [{ code: 'noFirstByte', seconds: 120 }, 'no first byte after 120 s'],
      [{ code: 'rateLimitedFor', because: limited, model: 'opus' }, 'rate limited for opus (429 rate_limit_error)'],
      [{ code: 'outOfCredit', because: { code: 'status', status: 402 } }, 'out of credit (402)'],
      [{ code: 'halfOpen' }, 'the next request is its trial'],
      [{ code: 'notChosen', because: { code: 'priority', level: 1 } }, 'not chosen: priority 1'],
      [{ code: 'otherDialect', dialect: 'openai' }, 'speaks another API (openai)'],
    ];
    for (const [reason, text] of cases) assert.equal(words(reason), text);
  });

  it('does not speak in the names of the code', () => {
    for (const code of codes) assert.doesNotMatch(reasonTexts[code](english), /[a-z][A-Z]/, code);
  });

  it('shows a name that a client chose in one line of a bearable length', () => {
    const because: Reason = { code: 'connectionRefused' };
    const text = words({ code: 'modelRefused', because, model: `a\nb${'x'.repeat(300)}` });
    assert.ok(text.length < 120, text);
    assert.doesNotMatch(text, /\n/);
  });

  it('shows the words of an earlier gateway as they came', () => {
    assert.equal(reasonText({ reason: 'connection refused' }, chinese), 'connection refused');
    assert.equal(reasonText({ reason: '' }, chinese), '');
  });

  it('shows the words of a later gateway where its code or data are not known here', () => {
    for (const why of [
      ...[{ code: 'later' }, { code: 'constructor' }, { code: 'status' }, { code: 'notChosen' }, {}, 'ok', null],
      { code: 'notChosen', because: { code: 'later' } },
    ]) {
      assert.equal(reasonText({ reason: 'words', why: why as Reason }, chinese), 'words', JSON.stringify(why));
    }
    const property = fc.property(fc.string(), fc.jsonValue(), (reason, why) => {
      assert.equal(typeof reasonText({ reason, why: why as Reason }, english), 'string');
    });
    fc.assert(property);
  });
});

describe('choiceText', () => {
  it('says why an endpoint was chosen', () => {
    const chosen = attemptRecord({ chosenBecause: 'bound', chosenWhy: { code: 'bound' } });
    assert.equal(choiceText(chosen, chinese), '会话绑定在此');
    assert.equal(choiceText(attemptRecord({ chosenBecause: 'bound', chosenWhy: undefined }), chinese), 'bound');
  });
});
