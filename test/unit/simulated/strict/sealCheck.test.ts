import assert from 'node:assert/strict';
import { digestsOf, messagesPrefix, responsesPrefix } from '../../../../src/simulated/strict/prefix.ts';
import { PrefixLaw } from '../../../../src/simulated/strict/prefixLaw.ts';
import { digestOf, makeSeal, openSeal, type Sealed } from '../../../../src/simulated/strict/seal.ts';
import { messagesSeals, responsesSeals } from '../../../../src/simulated/strict/sealCheck.ts';

const reader = { maker: 'here', bindsPrefix: false, refusesPrefixChange: false };
const user = { role: 'user', content: 'Think.' };
const model = 'claude-fable-5-1';
const asked = { model, system: 'Be.', messages: [user] };

/** A signed block as the endpoint `here` would have made it after `asked`; `change` says how this one is otherwise. */
function thinking(change: Partial<Sealed> = {}) {
  const prefix = digestsOf(messagesPrefix(asked)).at(-1) ?? '';
  const signature = makeSeal({ maker: 'here', model, prefix, content: digestOf('Hm.'), ...change });
  return { type: 'thinking', thinking: 'Hm.', signature };
}

const after = (block: object, change: object = {}) => {
  const assistant = { role: 'assistant', content: [block, { type: 'text', text: 'So.' }] };
  return { ...asked, messages: [user, assistant, user], ...change };
};

describe('a seal', () => {
  it('says what it was made of, and nothing when it was changed or made by somebody else', () => {
    const sealed: Sealed = { maker: 'a', model: 'b', prefix: 'c', content: 'd' };
    const seal = makeSeal(sealed);
    assert.deepEqual(openSeal(seal), sealed);
    assert.match(seal, /^[A-Za-z0-9+/]+=*$/);
    for (const text of [
      '',
      'EqQBCkYIAxgCKkBzaW11bGF0ZWQ=',
      `${seal}A`,
      seal.slice(4),
      Buffer.from('[1]').toString('base64'),
    ]) {
      assert.equal(openSeal(text), undefined, text);
    }
  });
});

describe('the signatures of thinking', () => {
  it('are taken from the endpoint, model and conversation that they were made in', () => {
    assert.deepEqual(messagesSeals(after(thinking()), reader), { refused: undefined, dropped: [] });
  });

  for (const [name, signature] of [
    ['an empty one', ''],
    ["a time's number", '1795000000000'],
    ['an envelope of a gateway', 'sb1:eyJvcmlnaW4iOiJhIn0'],
  ] as const) {
    it(`are refused: ${name}`, () => {
      const { refused } = messagesSeals(after({ ...thinking(), signature }), reader);
      assert.equal(refused?.message, 'messages.1.content.0: Invalid `signature` in `thinking` block');
    });
  }

  it('are refused with a text that was changed', () => {
    const { refused } = messagesSeals(after({ ...thinking(), thinking: 'Ha.' }), reader);
    assert.match(String(refused?.message), /cannot be modified/);
  });

  it('of another account or model are dropped, and nobody is told', () => {
    const dropped = (change: Partial<Sealed>) => messagesSeals(after(thinking(change)), reader).dropped;
    const path = 'messages.1.content.0';
    assert.deepEqual(dropped({ maker: 'there' }), [{ path, reason: 'organization_binding_mismatch' }]);
    assert.deepEqual(dropped({ model: 'claude-opus-4-8' }), [{ path, reason: 'model_binding_mismatch' }]);
  });

  it('are refused where anything before them has changed, unless the request says that they may be dropped', () => {
    const changed: Record<string, object> = {
      system: { system: 'Be otherwise.' },
      tools: { tools: [{ name: 'Read' }] },
      messages: { messages: [{ role: 'user', content: 'Think!' }, ...after(thinking()).messages.slice(1)] },
    };
    for (const [name, change] of Object.entries(changed)) {
      const { refused } = messagesSeals(after(thinking(), change), reader);
      assert.match(String(refused?.message), /bound to a different conversation/, name);
      const drops = { type: 'adaptive', block_binding: { prefix_mismatch_behavior: 'drop_block' } };
      const verdict = messagesSeals(after(thinking(), { ...change, thinking: drops }), reader);
      assert.deepEqual(verdict.dropped, [{ path: 'messages.1.content.0', reason: 'prefix_binding_mismatch' }]);
      assert.equal(verdict.refused, undefined);
    }
    const old = 'claude-opus-4-6';
    const free = messagesSeals(after(thinking({ model: old }), { model: old, system: 'Be otherwise.' }), reader);
    assert.deepEqual(free, { refused: undefined, dropped: [] });
  });

  it('stand marks for the cache that move, and the line for bills that changes', () => {
    const mark = { cache_control: { type: 'ephemeral' } };
    const marked = { role: 'user', content: [{ type: 'text', text: 'Think.', ...mark }] };
    const billing = { type: 'text', text: 'x-anthropic-billing-header: cch=1;' };
    const system = [billing, { type: 'text', text: 'Be.', ...mark }];
    const body = after(thinking(), { system, messages: [marked, ...after(thinking()).messages.slice(1)] });
    assert.deepEqual(messagesSeals(body, reader), { refused: undefined, dropped: [] });
  });
});

describe('a prefix in Messages', () => {
  const hint = { type: 'text', text: 'List first what you need.' };
  const lasting = { type: 'text', text: '9 tokens left', cache_control: { type: 'ephemeral' } };
  const digest = (...content: object[]) => {
    const messages = [user, { role: 'system', content }];
    return digestsOf(messagesPrefix({ messages })).at(-1);
  };

  it('does not count tools that are deferred', () => {
    const tools = [{ name: 'Late', input_schema: {}, defer_loading: true }];
    const deferring = digestsOf(messagesPrefix({ ...asked, tools }));
    assert.deepEqual(deferring, digestsOf(messagesPrefix(asked)));
    assert.notDeepEqual(digestsOf(messagesPrefix({ ...asked, tools: [{ name: 'Now' }] })), deferring);
  });

  it('does not count what an instruction at the end says for this turn only', () => {
    assert.equal(digest(lasting, hint), digest(lasting));
    assert.notEqual(digest(hint), digest());
  });
});

describe('the encrypted content of reasoning', () => {
  const gpt = 'gpt-6.2-astra';
  const item = { type: 'message', role: 'user', content: 'Think.' };
  const said = { type: 'message', role: 'assistant', content: [{ type: 'output_text', text: 'So.' }] };
  const reasoning = (change: Partial<Sealed> = {}, id = 'rs_1') => {
    const prefix = digestsOf(responsesPrefix({ input: 'Think.' })).at(-1) ?? '';
    const sealed = { maker: 'here', model: gpt, prefix, content: digestOf('rs_1'), ...change };
    return { type: 'reasoning', id, summary: [], encrypted_content: makeSeal(sealed) };
  };
  const verdict = (block: object, change: object = {}) =>
    responsesSeals({ model: gpt, input: [item, block, said, item], ...change }, reader);

  it('is taken by the endpoint, model and item that it belongs to', () => {
    assert.deepEqual(verdict(reasoning()), { refused: undefined, dropped: [] });
  });

  const refusals: readonly (readonly [string, object, RegExp])[] = [
    [
      'of a stranger',
      { ...reasoning(), encrypted_content: 'gAAAAABsomething' },
      /gAAA\.\.\.hing could not be verified/,
    ],
    ['of another endpoint', reasoning({ maker: 'there' }), /organization_id did not match/],
    ['of another model', reasoning({ model: 'gpt-5.6' }), /could not be decrypted or parsed/],
    ['under another id', reasoning({}, 'rs_2'), /item_id did not match the target item id/],
  ];
  for (const [name, block, message] of refusals) {
    it(`is refused: ${name}`, () => {
      const { refused } = verdict(block);
      assert.equal(refused?.code, 'invalid_encrypted_content');
      assert.match(String(refused?.message), message);
    });
  }

  it('is dropped after a change of what stands before it, or refused where that is asked for', () => {
    const changed = { input: [{ ...item, content: 'Think!' }, reasoning(), said, item] };
    assert.deepEqual(verdict({}, changed).dropped, [{ path: 'input[1]', reason: 'prefix_binding_mismatch' }]);
    const { refused } = responsesSeals({ model: gpt, ...changed }, { ...reader, refusesPrefixChange: true });
    assert.equal(refused?.rule, 'prefix');
  });

  it('stands another effort and other instructions for one turn', () => {
    assert.deepEqual(verdict(reasoning(), { reasoning: { effort: 'low' }, instructions: 'Be quick.' }).dropped, []);
  });
});

describe('the append-only law', () => {
  it('lets a conversation go on, repeat itself and go back, and names the piece that has changed', () => {
    const law = new PrefixLaw();
    const digests = (...words: string[]) => digestsOf({ head: words[0], pieces: words.slice(1), opening: [] });
    assert.equal(law.departure('a', digests('head', 'one')), undefined);
    assert.equal(law.departure('a', digests('head', 'one', 'two', 'three')), undefined);
    assert.equal(law.departure('a', digests('head', 'one', 'two', 'three')), undefined);
    assert.equal(law.departure('a', digests('head', 'one')), undefined);
    assert.equal(law.departure('b', digests('other', 'one')), undefined);
    assert.equal(law.departure('a', digests('head', 'one', 'two', 'three')), undefined);
    assert.equal(law.departure('a', digests('head', 'one', 'other', 'three')), 1);
    assert.equal(law.departure('a', digests('tail', 'one', 'other', 'three')), -1);
  });
});
