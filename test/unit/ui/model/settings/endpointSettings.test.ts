import assert from 'node:assert/strict';
import fc from 'fast-check';
import {
  dialectFromUrl,
  type EndpointSetting,
  endpointSettings,
  idFromName,
  lastPriority,
  moved,
  nameFromUrl,
  placed,
} from '../../../../../src/ui/model/settings/endpointSettings.ts';

const baseUrl = 'https://api.example.com';
const setting = (id: string, priority?: number): EndpointSetting => ({
  id,
  baseUrl,
  ...(priority === undefined ? {} : { priority }),
});

describe('endpointSettings', () => {
  it('are those elements that look like endpoints', () => {
    const good = { ...setting('first'), weight: 5, unknown: true };
    const value = [good, null, 'text', 5, [], {}, { id: 'x' }, { baseUrl }, { id: 5, baseUrl }, setting('second')];
    assert.deepEqual(endpointSettings(value), [good, setting('second')]);
  });

  it('are none where the setting is no list', () => {
    for (const value of [undefined, null, {}, 'text', 5]) assert.deepEqual(endpointSettings(value), []);
  });

  it('are read from whatever a person has written', () => {
    fc.assert(
      fc.property(fc.anything(), (value) => {
        for (const one of endpointSettings([value, ...(Array.isArray(value) ? value : [])])) {
          assert.equal(typeof one.id, 'string');
          assert.equal(typeof one.baseUrl, 'string');
        }
      }),
    );
  });
});

describe('nameFromUrl', () => {
  it('is the host, with its port where that is not the usual one', () => {
    assert.equal(nameFromUrl('https://relay.example.com/api'), 'relay.example.com');
    assert.equal(nameFromUrl(' https://relay.example.com/v1/ '), 'relay.example.com');
    assert.equal(nameFromUrl('http://localhost:11434'), 'localhost:11434');
  });

  it('is the text itself where that is no URL', () => {
    assert.equal(nameFromUrl('relay'), 'relay');
  });
});

describe('idFromName', () => {
  it('is made of the name', () => {
    const none = new Set<string>();
    assert.equal(idFromName('First Party', none), 'first-party');
    assert.equal(idFromName('  Überholspur (EU) ', none), 'uberholspur-eu');
    assert.equal(idFromName('relay.example.com:8443', none), 'relay-example-com-8443');
    assert.equal(idFromName('公司网关', none), 'endpoint');
    assert.equal(idFromName('公司网关 2', none), '2');
    assert.equal(idFromName(`${'a'.repeat(27)} bcd`, none), 'a'.repeat(27));
  });

  it('is numbered where it is taken', () => {
    assert.equal(idFromName('First', new Set(['first'])), 'first-2');
    assert.equal(idFromName('First', new Set(['first', 'first-2', 'first-4'])), 'first-3');
    assert.equal(idFromName('网关', new Set(['endpoint'])), 'endpoint-2');
  });

  it('is always one that the gateway takes, and never taken', () => {
    const name = fc.oneof(fc.string(), fc.constantFrom('first', 'First', 'x'.repeat(80), '---', '公司'));
    fc.assert(
      fc.property(fc.array(name, { maxLength: 40 }), (names) => {
        const taken = new Set<string>();
        for (const one of names) {
          const id = idFromName(one, taken);
          assert.match(id, /^[a-z0-9][a-z0-9-]{0,31}$/);
          assert.ok(!taken.has(id), id);
          taken.add(id);
        }
      }),
    );
  });
});

describe('dialectFromUrl', () => {
  it('is what the address says', () => {
    const openai = [
      'https://api.openai.com/v1',
      'https://relay.example.com/v1/chat/completions',
      'https://relay.example.com/v1/responses',
      'http://localhost:11434',
      'https://open.bigmodel.cn/api/paas/v4',
      'https://x.openai.azure.com',
    ];
    for (const url of openai) assert.equal(dialectFromUrl(url), 'openai', url);
    const anthropic = [
      'https://api.anthropic.com',
      'https://relay.example.com/v1/messages',
      'https://api.deepseek.com/anthropic',
      'https://open.bigmodel.cn/api/anthropic',
      'https://openai-relay.example.com/anthropic/',
    ];
    for (const url of anthropic) assert.equal(dialectFromUrl(url), 'anthropic', url);
  });

  it('is that of Claude Code where the address says nothing', () => {
    for (const url of ['https://relay.example.com', 'http://127.0.0.1:3000/api', 'nonsense', '']) {
      assert.equal(dialectFromUrl(url), 'anthropic', url);
    }
  });
});

/** Ids by priority: `a b | c` is two of priority 1 and one of priority 2. */
function levels(endpoints: readonly EndpointSetting[] | undefined): string | undefined {
  if (endpoints === undefined) return undefined;
  const byLevel = new Map<number, string[]>();
  for (const { id, priority = 1 } of endpoints) byLevel.set(priority, [...(byLevel.get(priority) ?? []), id]);
  return [...byLevel]
    .sort(([a], [b]) => a - b)
    .map(([, ids]) => ids.join(' '))
    .join(' | ');
}

const some = [setting('a', 1), setting('b', 5), setting('c', 5), setting('d', 9)];

describe('D: an endpoint that is dropped on another one', () => {
  it('takes its place, with a priority of its own', () => {
    assert.equal(levels(placed(some, 'd', 'a')), 'd | a | b c');
    assert.equal(levels(placed(some, 'a', 'd')), 'b c | d | a');
    assert.equal(levels(placed(some, 'a', 'b')), 'b c | a | d');
    assert.equal(levels(placed(some, 'c', 'b')), 'a | c | b | d');
    assert.equal(levels(placed(some, 'a', undefined)), 'b c | d | a');
  });

  it('stays where it is when one of them is no more', () => {
    assert.equal(placed(some, 'gone', 'a'), undefined);
    assert.equal(placed(some, 'a', 'gone'), undefined);
  });
});

describe('moved', () => {
  it('lets an endpoint that is alone change places with the next', () => {
    assert.equal(levels(moved([setting('a', 1), setting('b', 5)], 'b', 'up')), 'b | a');
    assert.equal(levels(moved([setting('a', 1), setting('b', 5)], 'a', 'down')), 'b | a');
    assert.equal(levels(moved(some, 'd', 'up')), 'a | d | b c');
    assert.equal(levels(moved(some, 'a', 'down')), 'b c | a | d');
  });

  it('gives an endpoint that shares its priority one of its own', () => {
    assert.equal(levels(moved(some, 'c', 'up')), 'a | c | b | d');
    assert.equal(levels(moved(some, 'b', 'down')), 'a | c | b | d');
    assert.equal(levels(moved([setting('a'), setting('b')], 'b', 'up')), 'b | a');
    assert.equal(levels(moved([setting('a'), setting('b')], 'a', 'down')), 'b | a');
  });

  it('says when an endpoint is at the end already, or is none', () => {
    assert.equal(moved(some, 'a', 'up'), undefined);
    assert.equal(moved(some, 'd', 'down'), undefined);
    assert.equal(moved(some, 'gone', 'up'), undefined);
    assert.equal(moved([], 'a', 'up'), undefined);
  });

  it('changes nothing but priorities', () => {
    const other = { ...setting('b', 5), name: 'B', modelMap: { x: 'y' } };
    const after = moved([setting('a', 1), other], 'b', 'up') ?? [];
    assert.deepEqual(
      after.find(({ id }) => id === 'b'),
      { ...other, priority: 1 },
    );
    assert.equal(other.priority, 5);
  });

  const endpoints = fc
    .array(fc.option(fc.integer({ min: 1, max: 100 }), { nil: undefined }), { maxLength: 8 })
    .map((priorities) => priorities.map((priority, index) => setting(`e${index}`, priority)));

  it('keeps every endpoint, and makes the priorities dense', () => {
    fc.assert(
      fc.property(endpoints, fc.nat(8), fc.constantFrom('up', 'down'), (before, index, direction) => {
        const after = moved(before, `e${index}`, direction);
        if (after === undefined) return;
        assert.deepEqual(after.map(({ id }) => id).sort(), before.map(({ id }) => id).sort());
        const used = new Set(after.map(({ priority }) => priority));
        assert.deepEqual(
          [...used].sort((a = 0, b = 0) => a - b),
          Array.from(used, (_one, place) => place + 1),
        );
      }),
    );
  });

  it('changes the order of no two endpoints but with the one that moves', () => {
    const order = (all: readonly EndpointSetting[], one: string, other: string) => {
      const priority = (id: string) => all.find((candidate) => candidate.id === id)?.priority ?? 1;
      return Math.sign(priority(one) - priority(other));
    };
    fc.assert(
      fc.property(endpoints, fc.nat(8), fc.constantFrom('up', 'down'), (before, index, direction) => {
        const id = `e${index}`;
        const others = before.filter((one) => one.id !== id).map((one) => one.id);
        const after = moved(before, id, direction) ?? before;
        for (const one of others)
          for (const other of others) assert.equal(order(after, one, other), order(before, one, other));
        const sign = direction === 'up' ? -1 : 1;
        for (const other of others) assert.ok(order(after, id, other) * sign >= order(before, id, other) * sign);
      }),
    );
  });

  it('brings an endpoint to the other end, step by step', () => {
    fc.assert(
      fc.property(endpoints, (before) => {
        let now: readonly EndpointSetting[] = before;
        let steps = 0;
        for (let next = moved(now, 'e0', 'up'); next !== undefined; next = moved(now, 'e0', 'up')) {
          now = next;
          steps += 1;
          assert.ok(steps <= 8);
        }
        if (before.length > 0) assert.equal(levels(now)?.split(' | ')[0], 'e0');
      }),
    );
  });
});

describe('lastPriority', () => {
  it('is behind all others, within the range of the settings', () => {
    assert.equal(lastPriority([]), 1);
    assert.equal(lastPriority([setting('a')]), 2);
    assert.equal(lastPriority([setting('a', 7), setting('b', 3)]), 8);
    assert.equal(lastPriority([setting('a', 100)]), 100);
  });

  it('is a number that the settings allow, whatever a person has written for others', () => {
    for (const priority of ['high', '', {}, -5, 1.5, 1e9, null]) {
      const number = lastPriority(endpointSettings([{ ...setting('a'), priority }]));
      assert.ok(Number.isInteger(number) && number >= 1 && number <= 100, `${number} for ${JSON.stringify(priority)}`);
    }
  });
});
