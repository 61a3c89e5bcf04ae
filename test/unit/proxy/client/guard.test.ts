import assert from 'node:assert/strict';
import type { IncomingMessage } from 'node:http';
import { hasToken } from '../../../../src/proxy/client/guard.ts';

const text = 'a-token-of-24-characters';
const token = Buffer.from(text);

function holds(headers: Readonly<Record<string, string>>): boolean {
  return hasToken({ headers } as unknown as IncomingMessage, token);
}

describe('hasToken', () => {
  it('takes the token as x-api-key, as Bearer in any case, and beside a wrong one', () => {
    assert.ok(holds({ 'x-api-key': text }));
    assert.ok(holds({ authorization: `Bearer ${text}` }));
    assert.ok(holds({ authorization: `bEARER  ${text}` }));
    assert.ok(holds({ 'x-api-key': 'x', authorization: `Bearer ${text}` }));
    assert.ok(holds({ 'x-api-key': text, authorization: 'Bearer x' }));
  });

  it('refuses every token that differs in one place, first, last or between', () => {
    for (let at = 0; at < text.length; at += 1) {
      const other = `${text.slice(0, at)}${text[at] === 'x' ? 'y' : 'x'}${text.slice(at + 1)}`;
      assert.equal(holds({ 'x-api-key': other }), false, other);
      assert.equal(holds({ authorization: `Bearer ${other}` }), false, other);
    }
  });

  // The comparison in constant time throws where lengths differ: it must be asked about lengths in bytes, not characters.
  it('refuses tokens of every other length without throwing, also where characters and bytes differ in number', () => {
    for (let length = 0; length < 100; length += 1) {
      if (length === text.length) continue;
      assert.equal(holds({ 'x-api-key': text.repeat(5).slice(0, length) }), false, String(length));
    }
    const sameCharacters = `${text.slice(1)}é`;
    const sameBytes = `${text.slice(2)}é`;
    assert.equal(sameCharacters.length, text.length);
    assert.equal(Buffer.byteLength(sameBytes), token.length);
    for (const other of [sameCharacters, sameBytes]) assert.equal(holds({ 'x-api-key': other }), false, other);
  });

  it('refuses it under any other scheme or header, and a request without any', () => {
    for (const headers of [{}, { authorization: text }, { authorization: `Basic ${text}` }, { cookie: text }]) {
      assert.equal(holds(headers), false, JSON.stringify(headers));
    }
  });
});
