import assert from 'node:assert/strict';
import fc from 'fast-check';
import { redactor } from '../../../src/base/redactor.ts';

/** Texts that no text around them and no part of each other holds by chance. */
const secret = fc
  .tuple(fc.stringMatching(/^[ -~]{0,20}$/), fc.uuid(), fc.string({ maxLength: 10, unit: 'grapheme' }))
  .map((parts) => parts.join(''));

/** The ways in which a secret may stand in a longer text, and a piece of it that must not be left. */
const writings: Readonly<Record<string, (secret: string, before: string) => string>> = {
  plain: (text, before) => `${before}${text} and so on`,
  'as a value in JSON': (text, before) => JSON.stringify({ [before]: text }),
  'in JSON within JSON': (text, before) => JSON.stringify({ body: JSON.stringify({ text: `${before} ${text}` }) }),
  'in a URL': (text, before) => `https://x.invalid/${encodeURIComponent(before)}?q=${encodeURIComponent(text)}&r=1`,
  'in a form': (text, before) => new URLSearchParams({ before, text }).toString(),
  'in hexadecimal': (text) => `0x${Buffer.from(text).toString('hex')}`,
  'in upper hexadecimal': (text) => Buffer.from(text).toString('hex').toUpperCase(),
  'in base64': (text, before) => Buffer.from(`${before}${text} more`).toString('base64'),
  'in base64 to the end': (text, before) => Buffer.from(`${before}${text}`).toString('base64'),
  'in base64url': (text, before) => Buffer.from(`${before}${text}`).toString('base64url'),
};

describe('redacting', () => {
  for (const [how, write] of Object.entries(writings)) {
    it(`cuts out a secret ${how}`, () => {
      fc.assert(
        fc.property(secret, fc.string({ maxLength: 5 }), (text, before) => {
          const written = write(text, before);
          const left = redactor([text])(written);
          assert.notEqual(left, written);
          assert.ok(left.includes('[redacted]'));
          // The uuid in it is what no text has by chance: of no writing a longer piece of it is left.
          const decoded = how.includes('base64') ? Buffer.from(left.replaceAll('[redacted]', ''), 'base64') : left;
          const [uuid = ''] = /[0-9a-f]{8}-[0-9a-f-]{27}/.exec(text) ?? [];
          for (const piece of [uuid, uuid.slice(4, 24), Buffer.from(uuid).toString('hex')]) {
            assert.ok(!decoded.toString().includes(piece), left);
          }
        }),
      );
    });
  }

  it('cuts out all of several, also where one is the beginning of another', () => {
    const redact = redactor(['sk-secret-one', 'sk-secret-one-and-more', 'another+secret/0123']);
    assert.equal(
      redact('a sk-secret-one-and-more b sk-secret-one c another%2Bsecret%2F0123 d'),
      'a [redacted] b [redacted] c [redacted] d',
    );
  });

  it('takes a secret as it is, not as a pattern', () => {
    const redact = redactor(['.*(secret)[+]?$^|\\']);
    assert.equal(redact('nothing to see'), 'nothing to see');
    assert.equal(redact('x.*(secret)[+]?$^|\\y'), 'x[redacted]y');
  });

  it('leaves everything else alone', () => {
    fc.assert(
      fc.property(fc.string(), (text) => {
        fc.pre(!text.includes('never-in-there'));
        assert.equal(redactor(['never-in-there-0123456789'])(text), text);
      }),
    );
  });

  it('leaves short secrets alone, which would cut into words, and works without any', () => {
    assert.equal(redactor(['a', 'able', ''])('a table'), 'a table');
    assert.equal(redactor([])('a table'), 'a table');
  });
});
