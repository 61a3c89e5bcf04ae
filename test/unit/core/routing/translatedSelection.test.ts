import assert from 'node:assert/strict';
import { select } from '../../../../src/core/routing/selection.ts';
import { endpointsOf, idsFor, soft, usual } from './selectionRig.ts';

const openai = { dialect: 'openai', baseUrl: 'https://api.openai.com' };
const relay = { dialect: 'openai', alsoServes: ['anthropic'] };

/** Endpoints, with ways to choose among them and to let them fail. */
function rig(settings: Readonly<Record<string, object>>) {
  const endpoints = endpointsOf(settings);
  const { find, failed, opened } = idsFor(endpoints);
  const chosen = (more: object = {}) => {
    const selection = select(endpoints, { ...usual, ...more });
    assert.ok(selection.kind === 'chosen', JSON.stringify(selection.passedOver));
    const { endpoint, translatedTo, movesSession, reason } = selection;
    return { id: endpoint.config.id, translatedTo, movesSession, reason: reason.code };
  };
  return { endpoints, find, failed, opened, chosen };
}

describe('endpoints that answer by translation', () => {
  it('case 85: are chosen when no native one is usable, whatever the priorities', () => {
    const { chosen, opened } = rig({ second: relay, first: { priority: 9 } });
    assert.deepEqual(chosen(), { id: 'first', translatedTo: undefined, movesSession: true, reason: 'onlyOne' });
    opened('first');
    const translated = { id: 'second', translatedTo: 'chat', movesSession: true, reason: 'byTranslation' };
    assert.deepEqual(chosen(), translated);
  });

  it('case 86: get no request of another dialect unasked, and the reason says so', () => {
    const { endpoints } = rig({ second: { dialect: 'openai' } });
    const { kind, passedOver } = select(endpoints, usual);
    assert.equal(kind, 'none');
    assert.deepEqual(passedOver[0]?.reason, { code: 'otherDialect', dialect: 'openai' });
  });

  it('are asked by Responses where OpenAI or Azure serves, by Chat elsewhere, and by what they have', () => {
    const formatOf = (settings: object) => rig({ one: { ...relay, ...settings } }).chosen().translatedTo;
    assert.equal(formatOf({}), 'chat');
    assert.equal(formatOf(openai), 'responses');
    assert.equal(formatOf({ baseUrl: 'https://mine.openai.azure.com' }), 'responses');
    assert.equal(formatOf({ profile: 'openai' }), 'responses');
    assert.equal(formatOf({ ...openai, profile: 'generic' }), 'chat');
    assert.equal(formatOf({ ...openai, formats: ['chat'] }), 'chat');
    assert.equal(formatOf({ formats: ['responses'] }), 'responses');
    const { find, chosen } = rig({ one: relay });
    find('one').missingPaths.note('chat', usual.now.mono);
    assert.equal(chosen().translatedTo, 'responses');
  });

  it('keep their sessions while these are in use, and lose them to a native one when they were idle', () => {
    for (const strategy of ['priority', 'roundRobin'] as const) {
      const { chosen } = rig({ first: {}, other: {}, second: relay });
      const bound = { boundTo: 'second', strategy };
      assert.deepEqual(chosen({ ...bound, idleMs: 1000 }).id, 'second');
      const home = chosen({ ...bound, idleMs: 300_000 });
      assert.deepEqual([home.id, home.movesSession, home.reason], ['first', true, 'goingHome']);
    }
  });

  it('are chosen by hand though a native one is usable', () => {
    const { chosen } = rig({ first: {}, second: relay });
    assert.equal(chosen({ override: 'second' }).id, 'second');
    assert.equal(chosen({ boundTo: 'second', override: 'first' }).id, 'first');
  });

  it('come before native ones that cool down softly', () => {
    const { chosen, failed } = rig({ first: {}, second: relay });
    failed('first', { cooldown: soft });
    assert.equal(chosen().id, 'second');
  });

  it('are passed over with the field that they cannot have; the request is not read for that while a native one is usable', () => {
    let asked = 0;
    const unmet = () => {
      asked += 1;
      return 'messages[0].content[1]';
    };
    const { chosen, endpoints, opened } = rig({ first: {}, second: relay });
    assert.equal(chosen({ unmet }).id, 'first');
    assert.equal(asked, 0);
    opened('first');
    const { kind, passedOver } = select(endpoints, { ...usual, unmet });
    assert.equal(kind, 'none');
    const skipped = passedOver.find(({ endpointId }) => endpointId === 'second');
    assert.deepEqual(skipped?.reason, { code: 'cannotTake', what: 'messages[0].content[1]' });
    assert.equal(skipped?.lacks, 'ability');
  });

  it('case 92: count tokens by Responses alone', () => {
    const counting = { path: 'countTokens', format: undefined };
    assert.equal(rig({ one: { ...relay, ...openai } }).chosen(counting).translatedTo, 'responses');
    const { endpoints } = rig({ one: { ...relay, formats: ['chat'] } });
    assert.deepEqual(select(endpoints, { ...usual, ...counting }).passedOver[0]?.reason, { code: 'pathNotOffered' });
  });
});

describe('a native endpoint of the OpenAI dialect', () => {
  it('is asked for the formats that it has', () => {
    const { endpoints, chosen } = rig({ one: { dialect: 'openai', formats: ['chat'] } });
    const asks = (format: 'chat' | 'responses') => ({ dialect: 'openai', format, path: format }) as const;
    assert.equal(chosen(asks('chat')).translatedTo, undefined);
    const [skipped] = select(endpoints, { ...usual, ...asks('responses') }).passedOver;
    assert.deepEqual([skipped?.reason, skipped?.lacks], [{ code: 'pathNotOffered' }, 'path']);
  });
});
