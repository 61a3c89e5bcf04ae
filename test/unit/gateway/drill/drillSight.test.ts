import assert from 'node:assert/strict';
import { type ClientView, clientSight } from '../../../../src/gateway/drill/drillSight.ts';

const texts = new Map([
  ['first', 'all that the first says'],
  ['second', 'what the other one says'],
]);
const error = '{"type":"error",  "error":{}}';

function event(name: string, data: object = {}): string {
  return `event: ${name}\ndata: ${JSON.stringify({ type: name, ...data })}\n\n`;
}

const start = event('message_start');
const block = event('content_block_start');
const delta = (text: string): string => event('content_block_delta', { delta: { type: 'text_delta', text } });
const stop = event('message_delta') + event('message_stop');
const failure = event('error', { error: { type: 'overloaded_error' } });
const half = start + block + delta('all that ');
const whole = half + delta('the first says') + event('content_block_stop') + stop;

/** The stream as a client saw it; by default written by the first endpoint and ended cleanly. */
function sight(body: string, view: Partial<ClientView> = {}): string {
  return clientSight({ status: 200, writtenBy: 'first', end: 'clean', ...view, body }, { texts, error });
}

describe('clientSight', () => {
  it('calls an answer whole when all of its endpoint is there, and the connection ended well', () => {
    assert.equal(sight(whole), 'wholeAnswer');
    assert.equal(sight(whole, { end: 'broken' }), 'falseEnd');
    assert.equal(sight(whole, { end: 'late' }), 'falseEnd');
  });

  it('calls it broken when the connection ends in the middle, be it in the middle of an event', () => {
    for (const body of [half, start, half.slice(0, -9)]) assert.equal(sight(body, { end: 'broken' }), 'brokenAnswer');
  });

  // The worst that a proxy can do to a client: it goes on with half an answer.
  it('sees through a part that ends as if it were the whole', () => {
    assert.equal(sight(half), 'falseEnd');
    assert.equal(sight(half + stop), 'falseEnd');
    assert.equal(sight(half + stop, { end: 'broken' }), 'falseEnd');
    assert.equal(sight(start), 'falseEnd');
  });

  it('tells an error at the end of an answer from one with something after it', () => {
    assert.equal(sight(half + failure), 'errorEvent');
    assert.equal(sight(half + failure, { end: 'broken' }), 'errorEvent');
    assert.notEqual(sight(half + failure + stop), 'errorEvent');
    assert.notEqual(sight(half + failure + delta('the first says')), 'errorEvent');
    assert.notEqual(sight(half + failure + failure), 'errorEvent');
  });

  it('notices what does not belong together', () => {
    const stitched = {
      'two beginnings': start + whole,
      'the text of another endpoint': start + block + delta('what the other one says') + stop,
      'half of one and half of the other': half + delta('the other one says') + stop,
      'the same text twice': half + half,
      'more than there is': whole.replace('says', 'says and more'),
      'events after the end': whole + delta('the first says'),
      'two ends': whole + stop,
      'no event at all': 'hello\n\n',
      nothing: '',
    };
    for (const [what, body] of Object.entries(stitched)) assert.equal(sight(body), 'garbledAnswer', what);
    assert.equal(sight(whole, { writtenBy: 'second' }), 'garbledAnswer');
    assert.equal(sight(whole, { writtenBy: undefined }), 'garbledAnswer');
  });

  it('takes an error for that of the endpoint only when every byte is the same', () => {
    assert.equal(sight(error, { status: 400 }), 'endpointsError');
    assert.equal(sight(error.replace('  ', ' '), { status: 400 }), 'otherError');
    assert.equal(sight(`${error}\n`, { status: 400 }), 'otherError');
    assert.equal(sight(error, { status: 400, end: 'broken' }), 'otherError');
    const none = { texts, error: undefined };
    assert.equal(clientSight({ status: 503, writtenBy: undefined, end: 'clean', body: '' }, none), 'otherError');
  });

  it('knows no answer, and a client that left', () => {
    assert.equal(sight('', { status: undefined, end: 'broken' }), 'nothing');
    assert.equal(sight('', { end: 'broken' }), 'nothing');
    assert.equal(sight(half, { end: 'left' }), 'left');
    assert.equal(sight('', { status: undefined, end: 'left' }), 'left');
  });
});
