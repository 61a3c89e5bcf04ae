import assert from 'node:assert/strict';
import { mkdtempSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { visibleJson, visibleText } from '../../../src/base/visibleText.ts';
import { exposition, gauge } from '../../../src/gateway/record/exposition.ts';
import { GatewayLog } from '../../../src/gateway/record/gatewayLog.ts';
import { csvLines } from '../../../src/store/query/csv.ts';
import { clientName } from '../../../src/ui/model/texts/clientName.ts';
import { plainLine, plainMarkdown } from '../../../src/ui/model/treeNode.ts';
import { requestsOver } from '../../support/store/storeBed.ts';

/** Every control and format character, line and paragraph separator, and half of a surrogate pair that Unicode has. */
const unseen: string[] = [];
for (let code = 0; code <= 0x10ffff; code += 1) {
  const one = String.fromCodePoint(code);
  if (/[\p{Cc}\p{Cf}\p{Zl}\p{Zp}\p{Cs}]/u.test(one)) unseen.push(one);
}
const hostile = unseen.map((one) => `a${one}b`).join('|');
/** As a whole, so that no character is overlooked because of its neighbours. */
const isClean = (text: string): boolean => !/[\p{Cc}\p{Cf}\p{Zl}\p{Zp}\p{Cs}]/u.test(text);

function storedWith(model: string) {
  const [request] = requestsOver(1000, 1, Date.now());
  assert.ok(request !== undefined);
  return { ...request, model, client: model, attempts: [], costUsd: null };
}

describe('A14: text from outside', () => {
  it('A14: is known with all its unseen characters', () => {
    assert.ok(unseen.length > 2200, `${unseen.length}`);
    assert.ok(
      ['\u202e', '\u2028', '\u009b', '\u200b', '\ufeff', '\u{e0041}', '\ud800'].every((one) => unseen.includes(one)),
    );
  });

  const sinks: Record<string, (text: string) => string> = {
    'a line for people': visibleText,
    'a label in a tree': (text) => plainLine(text, 1e9),
    'a Markdown tooltip': plainMarkdown,
    'the name of a client': (text) => clientName(`x${text}`, (key) => key),
    'a label of Prometheus': (text) => exposition([gauge('a', 'b', [[{ model: text }, 1]])]).replaceAll('\n', ''),
    'a cell of CSV': (text) => csvLines([storedWith(text)]).replace(/\r\n$/, ''),
  };
  for (const [name, sink] of Object.entries(sinks)) {
    it(`A14: has nothing unseen in ${name}, and keeps words of every language`, () => {
      assert.ok(isClean(sink(hostile)));
      for (const one of unseen) assert.ok(isClean(sink(one)), one.codePointAt(0)?.toString(16));
      for (const words of ['claude-sonnet-4-5', '模型名称', 'नमस्ते', 'مرحبا', 'né', '😀']) {
        assert.ok(sink(words).replaceAll('\\', '').includes(words), words);
      }
    });
  }

  it('A14: has nothing unseen in the log, neither on the terminal nor in the file, whose lines mean the same', async () => {
    const folder = mkdtempSync(join(tmpdir(), 'signalbox-test-'));
    const path = join(folder, 'gateway.log');
    let printed = '';
    const log = new GatewayLog({
      path,
      console: (text) => {
        printed += text;
      },
    });
    log.warn('request', { model: hostile });
    await log.close();
    const lines = readFileSync(path, 'utf8').trimEnd().split('\n');
    rmSync(folder, { recursive: true });
    assert.equal(lines.length, 1);
    assert.ok(isClean(lines[0] ?? ''));
    assert.equal(JSON.parse(lines[0] ?? '').model, hostile);
    assert.equal(printed.split('\n').length, 2);
    assert.ok(isClean(printed.replaceAll('\n', '')));
  });

  it('A14: is no formula in a spreadsheet, whatever it begins with', () => {
    const starts = ['=', '+', '-', '@', '\t=', '\r=', ' =', '\u00a0=', '＝', '＋', '－', '＠', '|', '%', '\u200b='];
    for (const start of starts) {
      const cells = csvLines([storedWith(`${start}1+1`)]).split(',');
      assert.ok(cells.some((cell) => cell.includes('1+1')));
      for (const cell of cells) assert.doesNotMatch(cell, /^"? *[=+\-@|%＝＋－＠]/, JSON.stringify(start));
    }
  });

  it('A14: is cut between characters, never in the middle of one', () => {
    assert.ok(isClean(plainLine('😀'.repeat(100), 80)));
    assert.ok(isClean(plainLine(`a${'😀'.repeat(100)}`, 80)));
  });

  it('A14: means the same as JSON', () => {
    const json = JSON.stringify({ hostile, words: '模型😀' });
    assert.deepEqual(JSON.parse(visibleJson(json)), JSON.parse(json));
  });
});
