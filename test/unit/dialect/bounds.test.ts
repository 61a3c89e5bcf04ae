import assert from 'node:assert/strict';
import { fileIdsIn } from '../../../src/dialect/fileIds.ts';
import { outlineOf, parseSpan } from '../../../src/dialect/jsonRead.ts';
import { RequestFields } from '../../../src/dialect/requestFields.ts';
import { StreamReader } from '../../../src/dialect/streamReader.ts';
import { TopLevelFields } from '../../../src/dialect/topLevelFields.ts';

const mebibyte = 1024 * 1024;

/** The bytes of all buffers that are in use now. */
function bufferBytes(): number {
  return process.memoryUsage().arrayBuffers;
}

describe('A1: a stream whose frame never ends', () => {
  const pieces = {
    'data lines': 'data: some more words\n'.repeat(3000),
    'empty data lines': 'data:\n'.repeat(11_000),
    'a line without an end': 'x'.repeat(65_536),
    'event lines': 'event: one\n'.repeat(6000),
    comments: ': one\n'.repeat(11_000),
  };
  for (const [name, text] of Object.entries(pieces)) {
    it(`is read in bounded memory (${name}), and the stream after it`, () => {
      const reader = new StreamReader('chat', 1);
      const piece = Buffer.from(text);
      reader.push(Buffer.from('data: {"choices":[{"index":0,"delta":{"content":"a"}}]}\n\ndata: '));
      const before = bufferBytes();
      let most = 0;
      for (let pushed = 0; pushed < 48 * mebibyte; pushed += piece.length) {
        reader.push(piece);
        most = Math.max(most, bufferBytes() - before);
      }
      assert.ok(most < 80 * mebibyte, `${most} bytes`);
      assert.equal(reader.heldFrom, undefined, 'it passes');
      reader.push(
        Buffer.from('\n\ndata: {"choices":[{"index":0,"delta":{},"finish_reason":"stop"}]}\n\ndata: [DONE]\n\n'),
      );
      assert.deepEqual([reader.hasStopReason, reader.isComplete], [true, true]);
    });
  }

  it('is content, if it is the first: another endpoint must not answer, too', () => {
    const reader = new StreamReader('responses', 1);
    reader.push(Buffer.from('event: response.output_text.done\ndata: '));
    for (let count = 0; count < 17; count += 1) reader.push(Buffer.alloc(mebibyte, 'x'));
    reader.push(Buffer.from('\n\n'));
    assert.equal(reader.hasContent, true);
  });
});

describe('A2: scanning', () => {
  it('reads a frame of a megabyte that comes byte by byte', () => {
    const reader = new StreamReader('chat', 1);
    const frame = Buffer.from(`data: {"choices":[{"index":0,"delta":{"content":"${'x'.repeat(mebibyte)}"}}]}\n\n`);
    for (let at = 0; at < frame.length; at += 1) reader.push(frame.subarray(at, at + 1));
    assert.equal(reader.hasContent, true);
  });

  const many = 2_000_000;
  const hostile = {
    'two million keys': `{"model":"m",${'"k":1,'.repeat(many)}"hidden":1,${'"k":1,'.repeat(many / 10)}"stream":true}`,
    'deep objects': `{"model":"m","metadata":${'{"a":'.repeat(many)}1${'}'.repeat(many)},"hidden":1,"metadata2":${'['.repeat(5000)}${']'.repeat(5000)},"stream":true}`,
    'many short texts': `{"model":"m","a":[${'"ab",'.repeat(many)}1],"hidden":1,"b":"${'x'.repeat(5000)}","stream":true}`,
    'escaped quotes': `{"model":"m","a":"${'\\"'.repeat(many)}","hidden":1,"b":"${'x'.repeat(5000)}","stream":true}`,
    'white space': `{"model":"m",${' '.repeat(many)}"hidden":1,"b":"${'x'.repeat(5000)}","stream":true}`,
  };
  for (const [name, text] of Object.entries(hostile)) {
    it(`gives up in the middle of ${name}, and knows both ends`, () => {
      const body = Buffer.from(text);
      const fields = new TopLevelFields(body);
      assert.equal(fields.find('hidden'), undefined);
      const read = new RequestFields(body);
      assert.deepEqual([read.model, read.isStream], ['m', true]);
      assert.deepEqual([read.userId(), read.opening()], [undefined, undefined]);
    });
  }

  it('gives up looking for files in a body that seems to name them everywhere, or does', () => {
    for (const text of ['"my_id":1,', '"file_ids":["file_ids":']) {
      const body = Buffer.from(`{${text.repeat((400 * 1024) / text.length)}"file_id":"late"}`);
      assert.equal(fileIdsIn(body).includes('late'), false, text.slice(0, 30));
    }
    const many = Array.from({ length: 1000 }, (_, at) => `"file_id":"${at}"`);
    assert.equal(fileIdsIn(Buffer.from(`{${many.join()}}`)).length, 100);
    const middle = Buffer.from(`{"a":"${'x'.repeat(mebibyte)}","file_id":"middle","b":"${'x'.repeat(mebibyte)}"}`);
    assert.deepEqual(fileIdsIn(middle), []);
  });

  it('finds model and stream between a long conversation and many tools, where SDKs put them', () => {
    const messages = [{ role: 'user', content: 'say "it" again\n'.repeat(200_000) }];
    const tools = [{ type: 'function', function: { name: 'f', description: 'a "tool"\n'.repeat(2000) } }];
    const body = Buffer.from(JSON.stringify({ messages, model: 'm', stream: true, tools }));
    const fields = new RequestFields(body);
    assert.deepEqual([fields.model, fields.isStream], ['m', true]);
    assert.ok(fields.withModel('other').includes('"model":"other","stream":true'));
  });

  it('finds the opening of a long conversation without reading to its end', () => {
    const turn = { role: 'user', content: 'say "it" again\n'.repeat(40) };
    const body = (count: number) =>
      Buffer.from(JSON.stringify({ model: 'm', messages: Array.from({ length: count }, () => turn), stream: true }));
    assert.ok(body(1000).length > 600_000);
    assert.equal(new RequestFields(body(1000)).opening(), new RequestFields(body(1)).opening());
  });

  it('does not parse what would take long, and parses a long text', () => {
    const parse = (text: string) => parseSpan(Buffer.from(text), { start: 0, end: Buffer.byteLength(text) });
    assert.equal(parse(`[${'[],'.repeat(80_000)}1]`), undefined);
    assert.equal(parse(`${'['.repeat(100_000)}${']'.repeat(100_000)}`), undefined);
    const long = JSON.stringify({ text: 'a "word", and {another}: [one]\n'.repeat(6000) });
    assert.deepEqual(parse(long), JSON.parse(long));
  });

  it('finds the counts of a frame that is too large to be parsed', () => {
    const output = [{ type: 'message', content: [{ type: 'output_text', text: 'x'.repeat(6 * mebibyte) }] }];
    const event = { type: 'response.completed', response: { output, usage: { input_tokens: 5, output_tokens: 7 } } };
    const reader = new StreamReader('responses', 1);
    reader.push(Buffer.from(`event: response.completed\ndata: ${JSON.stringify(event)}\n\n`));
    assert.deepEqual([reader.usage.inputTokens, reader.usage.outputTokens], [5, 7]);
    assert.deepEqual([reader.isComplete, reader.isAnswer], [true, true]);
    assert.notEqual(outlineOf(Buffer.from(hostile['two million keys'])), undefined);
  });
});
