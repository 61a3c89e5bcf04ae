import assert from 'node:assert/strict';
import fc from 'fast-check';
import { RequestFields } from '../../../src/dialect/requestFields.ts';

const fieldsOf = (body: unknown) => new RequestFields(Buffer.from(JSON.stringify(body)));
const textFields = (text: string) => new RequestFields(Buffer.from(text));

describe('RequestFields', () => {
  it('reads what the gateway wants to know', () => {
    const fields = fieldsOf({
      model: 'claude-sonnet-4-5',
      messages: [{ role: 'user', content: 'Hello' }],
      metadata: { user_id: 'alice' },
      prompt_cache_key: 'key',
      n: 3,
      stream: true,
    });
    assert.deepEqual([fields.model, fields.isStream, fields.choiceCount()], ['claude-sonnet-4-5', true, 3]);
    assert.deepEqual([fields.userId(), fields.promptCacheKey()], ['alice', 'key']);
  });

  it('has defaults where nothing is said, or something of the wrong kind', () => {
    for (const body of [{}, { model: 5, stream: 'true', n: '2', metadata: 'x', prompt_cache_key: 1 }, [], null, 'x']) {
      const fields = fieldsOf(body);
      assert.deepEqual([fields.model, fields.isStream, fields.choiceCount()], [undefined, false, 1]);
      assert.deepEqual([fields.userId(), fields.promptCacheKey(), fields.opening()], [undefined, undefined, undefined]);
    }
    for (const metadata of [null, 5, [], {}, { user_id: 5 }, { user_id: null }]) {
      assert.equal(fieldsOf({ metadata }).userId(), undefined);
    }
  });

  it('takes the last of a repeated field', () => {
    const fields = textFields('{"model":"a","stream":true,"model":"b","stream":false}');
    assert.deepEqual([fields.model, fields.isStream], ['b', false]);
  });

  it('reads characters of every kind', () => {
    assert.equal(textFields('{"model" : "m\\u00e9\\n\\"\\ud83d\\ude00"}').model, 'mé\n"😀');
    assert.equal(fieldsOf({ model: '模型-😀' }).model, '模型-😀');
  });

  it('changes the model, and not one byte else', () => {
    const model = fc.string({ minLength: 1 });
    const rest = fc.dictionary(fc.constantFrom('messages', 'system', 'x'), fc.jsonValue(), { noNullPrototype: true });
    const property = fc.property(model, model, rest, fc.nat(3), fc.boolean(), (from, to, others, at, isLoose) => {
      const entries = Object.entries(others);
      entries.splice(Math.min(at, entries.length), 0, ['model', from]);
      const indent = isLoose ? 2 : undefined;
      const before = JSON.stringify(Object.fromEntries(entries), null, indent);
      const after = JSON.stringify(
        Object.fromEntries(entries.map(([key, one]) => [key, key === 'model' ? to : one])),
        null,
        indent,
      );
      assert.equal(textFields(before).withModel(to).toString('utf8'), after);
    });
    fc.assert(property, { numRuns: 2000 });
  });

  it('gives the very body where the model is the same, or there is none', () => {
    const body = Buffer.from('{"model":"a"}');
    assert.equal(new RequestFields(body).withModel('a'), body);
    const none = Buffer.from('{"messages":[]}');
    assert.equal(new RequestFields(none).withModel('a'), none);
  });

  it('is used as it is when it is no JSON', () => {
    for (const text of ['', 'hello', '{"model":"a', '{"model"', '{', '\0']) {
      const fields = textFields(text);
      assert.equal(fields.isStream, false);
      assert.equal(fields.opening(), undefined);
    }
  });

  it('ends without an exception, whatever was cut off', () => {
    const metadata = { user_id: JSON.stringify({ session_id: 'x"y\\' }) };
    const whole = JSON.stringify({
      model: 'm',
      metadata,
      system: [{ text: 'a' }],
      messages: [{ role: 'user', content: '"\\' }],
    });
    for (let length = 0; length <= whole.length; length += 1) {
      const fields = textFields(whole.slice(0, length));
      fields.opening();
      fields.userId();
      fields.withModel('other');
    }
  });
});

describe('RequestFields, the opening of a conversation', () => {
  const mark = { cache_control: { type: 'ephemeral' } };
  const turn = (role: string, content: unknown) => ({ role, content });
  const system = (more: object = {}) => [
    { type: 'text', text: 'You are a pilot.' },
    { type: 'text', text: 'Be brief.', ...more },
  ];
  const first = (more: object = {}) => turn('user', [{ type: 'text', text: 'Hello', ...more }]);

  it('stays the same in every turn, wherever the cache marks have moved', () => {
    const opening = fieldsOf({ system: system(mark), messages: [first(mark)] }).opening();
    assert.notEqual(opening, undefined);
    const later = [turn('assistant', 'Hi'), turn('user', [{ type: 'text', text: 'Go on', ...mark }])];
    assert.equal(fieldsOf({ system: system(), messages: [first(), ...later] }).opening(), opening);
    assert.equal(fieldsOf({ stream: true, messages: [first(), ...later], system: system(mark) }).opening(), opening);
    assert.equal(
      fieldsOf({ system: system(), messages: [turn('user', 'Hello'), ...later] }).opening(),
      opening,
      'as text',
    );
  });

  it('is another for another system prompt or another first message', () => {
    const of = (prompt: string, message: string) =>
      fieldsOf({ system: prompt, messages: [turn('user', message)] }).opening();
    const openings = [of('a', 'b'), of('a', 'c'), of('b', 'b'), of('ab', ''), of('', 'ab')];
    assert.equal(new Set(openings).size, openings.length);
  });

  it('is found in Chat and Responses too', () => {
    const chat = (prompt: string) => fieldsOf({ messages: [turn('system', prompt), turn('user', 'Hello')] }).opening();
    assert.notEqual(chat('a'), undefined);
    assert.notEqual(chat('a'), chat('b'));
    const responses = (input: unknown, instructions = 'a') => fieldsOf({ instructions, input }).opening();
    const text = [turn('user', [{ type: 'input_text', text: 'Hello' }])];
    assert.notEqual(responses('Hello'), undefined);
    assert.notEqual(responses(text), undefined);
    assert.notEqual(responses(text), responses(text, 'b'));
    assert.equal(responses([...text, turn('assistant', 'Hi'), turn('user', 'More')]), responses(text));
  });

  it('is none without a user message, or in a body of a megabyte and more', () => {
    for (const messages of [[], [turn('system', 'x')], 'x'.repeat(3), 5, null, [null, 5, 'x', []]]) {
      if (typeof messages !== 'string')
        assert.equal(fieldsOf({ messages }).opening(), undefined, JSON.stringify(messages));
    }
    assert.equal(fieldsOf({ messages: [first(), turn('assistant', 'x'.repeat(1024 * 1024))] }).opening(), undefined);
  });

  it('depends on the beginning of a long text, wherever it is cut, and on who says it', () => {
    const of = (text: string, where: (text: string) => object) => fieldsOf(where(text)).opening();
    const places: readonly ((text: string) => object)[] = [
      (text) => ({ messages: [turn('user', text)] }),
      (text) => ({ messages: [{ content: text, role: 'user' }] }),
      (text) => ({
        messages: [
          turn('user', [
            { type: 'text', text },
            { type: 'text', text: 'b' },
          ]),
        ],
      }),
      (text) => ({ messages: [turn('system', text), turn('user', 'Hello')] }),
      (text) => ({ input: text }),
      (text) => ({ system: text, messages: [turn('user', 'Hello')] }),
    ];
    for (const place of places) {
      for (const piece of ['x', '\n\\', '"', '\u0007', '\u00e9', '\ud83d\ude00']) {
        for (const before of ['', 'a', 'ab', 'abc', 'abcd', 'abcde']) {
          const text = before + piece.repeat(40_000);
          const opening = of(text, place);
          assert.ok(opening !== undefined && opening.length < 80_000, piece);
          assert.equal(of(`${text}and more`, place), opening, piece);
          assert.notEqual(of(`other ${text}`, place), opening, piece);
        }
      }
    }
  });

  const reminder = (text: string) => `<system-reminder>\n${text}\n</system-reminder>`;
  const resumed = fieldsOf({ system: 'You are', messages: [turn('user', 'Hello')] }).opening();
  const reminded: Readonly<Record<string, object>> = {
    'before the text': { messages: [turn('user', `${reminder('Today is 1 Dec')}\n\nHello`)] },
    'after it, twice': { messages: [turn('user', `Hello\n${reminder('a')}\n${reminder('b')}`)] },
    'in a block of its own': {
      messages: [
        turn('user', [
          { type: 'text', text: reminder('a') },
          { type: 'text', text: 'Hello' },
        ]),
      ],
    },
    'in a message of its own': { messages: [turn('user', reminder('a')), turn('user', 'Hello')] },
    'in the system prompt': { system: `You are\n${reminder('a')}`, messages: [turn('user', 'Hello')] },
  };
  for (const [where, body] of Object.entries(reminded)) {
    it(`F27: is the same without a reminder ${where}`, () => {
      assert.equal(fieldsOf({ system: 'You are', ...body }).opening(), resumed);
    });
  }

  it('F27: is the same without a reminder in an input that is a text', () => {
    const of = (input: string) => fieldsOf({ instructions: 'You are', input }).opening();
    assert.equal(of(`${reminder('a')} Hello`), of('Hello'));
  });

  it('F27: keeps what only looks like a reminder, however often', () => {
    const open = '<system-reminder>'.repeat(1000);
    assert.ok(
      fieldsOf({ messages: [turn('user', open)] })
        .opening()
        ?.endsWith(open),
    );
    const image = { type: 'image', source: {} };
    const first = fieldsOf({ messages: [turn('user', [image])] }).opening();
    assert.notEqual(first, undefined);
    assert.equal(fieldsOf({ messages: [turn('user', [image]), turn('user', 'and now')] }).opening(), first);
  });
});
