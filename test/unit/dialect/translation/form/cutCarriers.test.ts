import assert from 'node:assert/strict';
import fc from 'fast-check';
import { sealed } from '../../../../../src/dialect/translation/form/carrier.ts';
import { cutCarriers } from '../../../../../src/dialect/translation/form/cutCarriers.ts';

const carrier = sealed({ origin: 'o', model: 'm', payload: { kind: 'text' } });
const ours = { type: 'thinking', thinking: 'T "quoted" \\ ü', signature: carrier };
const theirs = { type: 'thinking', thinking: 'T', signature: 'EqRkAAAA' };
const text = (said: string) => ({ type: 'text', text: said });

const cut = (body: object): unknown => JSON.parse(cutCarriers(Buffer.from(JSON.stringify(body))).toString());

describe('a native body without carriers', () => {
  it('is the same buffer where there are none', () => {
    const body = Buffer.from(JSON.stringify({ messages: [{ role: 'assistant', content: [theirs] }] }));
    assert.equal(cutCarriers(body), body);
  });

  it('lacks the blocks that hold one, and a message that is nothing else', () => {
    const user = { role: 'user', content: 'Q' };
    const messages = [
      user,
      { role: 'assistant', content: [ours, text('A'), theirs, ours] },
      user,
      { role: 'assistant', content: [ours] },
      user,
    ];
    assert.deepEqual(cut({ model: 'm', messages, stream: true }), {
      model: 'm',
      messages: [user, { role: 'assistant', content: [text('A'), theirs] }, user, user],
      stream: true,
    });
  });

  it('goes on without a budget of thinking where calls have lost the thinking before them', () => {
    const call = { type: 'tool_use', id: 'a', name: 'R', input: {} };
    const result = { role: 'user', content: [{ type: 'tool_result', tool_use_id: 'a', content: 'x' }] };
    const request = (thinking: object, blocks: object[], end: object = result) => ({
      thinking,
      messages: [{ role: 'user', content: 'Q' }, { role: 'assistant', content: [ours, ...blocks, call] }, end],
      context_management: { edits: [] },
    });
    const budget = { type: 'enabled', budget_tokens: 1024 };
    const left = (body: object) => {
      const { thinking, context_management: management } = cut(body) as Record<string, unknown>;
      return [thinking, management];
    };
    assert.deepEqual(left(request(budget, [])), [{ type: 'disabled' }, null]);
    assert.deepEqual(left(request(budget, [theirs])), [budget, { edits: [] }], 'its own thinking is still there');
    assert.deepEqual(left(request(budget, [], { role: 'user', content: 'stop' }))[0], budget);
    assert.deepEqual(left(request({ type: 'adaptive' }, []))[0], { type: 'adaptive' });
  });

  it('keeps what a person says about carriers', () => {
    const messages = [{ role: 'user', content: [text(`It begins with ${carrier}`)] }];
    assert.deepEqual(cut({ messages }), { messages });
  });

  it('keeps all other bytes of messages as they are', () => {
    const odd = '{ "role":"user","content" :  "\\u0041 12345678901234567890" }';
    const body = `{"messages":[${odd},{"role":"assistant","content":[${JSON.stringify(ours)}, ${JSON.stringify(text('A'))}]}]}`;
    assert.ok(cutCarriers(Buffer.from(body)).includes(odd));
  });

  it('is as if the carriers had never been there, whatever stands around them', () => {
    const block = fc.constantFrom(ours, theirs, text('A'), text('ü \\ " ]}'), {
      type: 'redacted_thinking',
      data: carrier,
    });
    const content = fc.oneof(fc.string(), fc.array(block, { maxLength: 5 }));
    const message = fc.record({ role: fc.constantFrom('user', 'assistant'), content }, { noNullPrototype: true });
    const isOurs = (one: object) => JSON.stringify(one).includes(carrier);
    fc.assert(
      fc.property(fc.array(message, { maxLength: 6 }), fc.nat(2), (messages, indent) => {
        const expected = messages.flatMap((one) => {
          if (typeof one.content === 'string' || !one.content.some(isOurs)) return [one];
          const kept = one.content.filter((each) => !isOurs(each));
          return kept.length === 0 ? [] : [{ ...one, content: kept }];
        });
        const body = Buffer.from(JSON.stringify({ system: 'S', messages, max_tokens: 9 }, null, indent));
        const made: unknown = JSON.parse(cutCarriers(body).toString());
        assert.deepEqual(made, { system: 'S', messages: expected, max_tokens: 9 });
      }),
    );
  });
});
