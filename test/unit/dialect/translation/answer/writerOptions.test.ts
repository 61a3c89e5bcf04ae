import assert from 'node:assert/strict';
import { MessagesWriter } from '../../../../../src/dialect/translation/answer/messagesWriter.ts';
import type { Delta } from '../../../../../src/dialect/translation/form/delta.ts';
import { chunk } from './casesChat.ts';
import { assertInvariants } from './messageInvariants.ts';
import { options, translateStream } from './translate.ts';

const reasoned =
  chunk({ delta: { reasoning_content: 'r' } }) +
  chunk({ delta: { content: 'c' } }) +
  chunk({ delta: {}, finish_reason: 'stop' });

describe('the events for a Messages client', () => {
  it('show no reasoning to a client that does not show it, and carry it all the same', () => {
    const { events } = translateStream('chat', reasoned, { options: { showsThinking: false } });
    assertInvariants(events);
    const deltas = events.flatMap(({ delta }) => (delta === undefined ? [] : [(delta as { type: string }).type]));
    assert.deepEqual(deltas.slice(0, 2), ['signature_delta', 'text_delta']);
  });

  it('have no reasoning where none is carried: a signature is never made up', () => {
    const { text, events } = translateStream('chat', reasoned, { options: { seal: undefined } });
    assertInvariants(events);
    assert.doesNotMatch(text, /thinking|signature/);
  });

  it('case 12: have the names and ids that the client knows', () => {
    const call = { index: 0, id: 'functions.Read:0', function: { name: 'short', arguments: '{}' } };
    const stream = chunk({ delta: { tool_calls: [call] }, finish_reason: 'tool_calls' });
    const { text } = translateStream('chat', stream, {
      options: {
        toolName: (sent) => (sent === 'short' ? 'a_long_name' : sent),
        toolId: (sent) => sent.replace(/\W/g, '_'),
      },
    });
    assert.match(text, /"id":"functions_Read_0","name":"a_long_name"/);
  });

  it('wait for the call before, up to a limit', () => {
    const writer = new MessagesWriter(options);
    const begin = (key: string): Delta => ({ kind: 'toolBegin', key, id: `k${key}`, name: 'A' });
    for (const delta of [begin('0'), begin('1')]) writer.write(delta);
    const json = 'x'.repeat(1024 * 1024);
    for (let mebibytes = 1; mebibytes <= 8; mebibytes += 1) {
      assert.equal(writer.write({ kind: 'toolInput', key: '1', json }), '');
      assert.equal(writer.hasOverflown, false);
    }
    writer.write({ kind: 'toolInput', key: '1', json });
    assert.equal(writer.hasOverflown, true);
  });

  it('are written as fast where many pieces have waited for the call before', () => {
    const writer = new MessagesWriter(options);
    const begin = (key: string): Delta => ({ kind: 'toolBegin', key, id: `k${key}`, name: 'A' });
    for (const delta of [begin('0'), begin('1')]) writer.write(delta);
    const pieces = 150_000;
    for (let nth = 0; nth < pieces; nth += 1) writer.write({ kind: 'toolInput', key: '1', json: '1' });
    const startedMs = performance.now();
    const text = writer.write({ kind: 'toolEnd', key: '0' });
    assert.equal(text.match(/"partial_json"/g)?.length, pieces);
    assert.ok(performance.now() - startedMs < 3000, 'in time by the pieces, not by their square');
  });

  it('hold a keep-alive once the message has begun', () => {
    const writer = new MessagesWriter(options);
    assert.equal(writer.write({ kind: 'ping' }), '');
    writer.write({ kind: 'begin', id: 'c1', model: undefined });
    assert.match(writer.write({ kind: 'ping' }), /^event: ping\n/);
  });
});
