import assert from 'node:assert/strict';
import { anthropicError } from '../../../src/simulated/behaviour.ts';
import type { Answer } from '../../support/scenes/converse.ts';
import { message, type Scene, startScene } from '../../support/scenes/scene.ts';

const failure = anthropicError('api_error', { status: 502 });
let names = 0;

/** The header of a session that was never seen before. */
function newSession(): Record<string, string> {
  names += 1;
  return { 'x-claude-code-session-id': `00000000-0000-4000-8000-${String(names).padStart(12, '0')}` };
}

describe('a session', () => {
  let scene: Scene;

  before(async () => {
    const parts = [{ id: 'first' }, { id: 'second' }, { id: 'third' }];
    scene = await startScene({ parts, config: { recovery: { enabled: false } } });
  });

  beforeEach(() => scene.renew());

  after(() => scene.close());

  async function say(headers: Record<string, string>, more: object = {}, path = '/v1/messages'): Promise<Answer> {
    return scene.ask(path, { headers, json: { ...message(), ...more } });
  }

  /** Where a session's next request goes. */
  async function goesTo(headers: Record<string, string>, more: object = {}): Promise<unknown> {
    const reply = await say(headers, more);
    assert.equal(reply.status, 200, reply.text);
    return reply.headers['x-signalbox-endpoint'];
  }

  /** Binds a session to the second endpoint, which is not the one that the strategy prefers. */
  async function boundToSecond(): Promise<Record<string, string>> {
    const session = newSession();
    await scene.first.refuse();
    assert.equal(await goesTo(session), 'second');
    await scene.first.listenAgain();
    await scene.gateway.control('POST', '/signalbox/reset');
    return session;
  }

  it('stays where it is although the strategy prefers another endpoint', async () => {
    const session = await boundToSecond();
    for (let round = 0; round < 5; round += 1) assert.equal(await goesTo(session), 'second');
    assert.equal(await goesTo(newSession()), 'first');
    const { sessions } = await scene.gateway.status();
    const bound = sessions.find(({ endpointId }) => endpointId === 'second');
    assert.equal(bound?.requestCount, 6);
    assert.doesNotMatch(JSON.stringify(sessions), /00000000-0000-4000/, "its id is not the client's");
  });

  it('is let go by hand, alone or with all others', async () => {
    const session = await boundToSecond();
    const id = (await scene.gateway.status()).sessions[0]?.id;
    assert.equal((await scene.gateway.control('DELETE', `/signalbox/sessions/${id}`)).status, 200);
    assert.equal((await scene.gateway.status()).sessions.length, 0);
    assert.equal(await goesTo(session), 'first');
    const others = [await boundToSecond(), await boundToSecond()];
    await scene.gateway.control('DELETE', '/signalbox/sessions');
    for (const other of others) assert.equal(await goesTo(other), 'first');
  });

  it('is moved by hand', async () => {
    const session = await boundToSecond();
    const id = (await scene.gateway.status()).sessions[0]?.id;
    const moved = await scene.gateway.control('PUT', `/signalbox/sessions/${id}`, { endpointId: 'third' });
    assert.equal(moved.status, 200);
    for (let round = 0; round < 3; round += 1) assert.equal(await goesTo(session), 'third');
  });

  it('goes elsewhere for one request when an attempt fails, and comes back', async () => {
    const session = await boundToSecond();
    scene.second.behaveNext(failure);
    assert.equal(await goesTo(session), 'first');
    assert.equal(await goesTo(session), 'second');
  });

  it('loses its binding at once when the endpoint opens', async () => {
    const session = await boundToSecond();
    const others = [await boundToSecond(), await boundToSecond(), await boundToSecond()];
    scene.second.behave(failure);
    for (const other of others) await goesTo(other);
    const open = await scene.gateway.until('it is open', ({ endpoints }) => endpoints[1]?.state === 'open');
    const shown = open.sessions.filter(({ endpointId }) => endpointId === 'second').map(({ isBound }) => isBound);
    assert.ok(shown.length > 0 && !shown.includes(true), 'they are unbound, and still there');
    assert.equal(await goesTo(session), 'first');
    scene.second.behave({ kind: 'healthy' });
    await scene.gateway.control('POST', '/signalbox/reset');
    assert.equal(await goesTo(session), 'first', 'bound there now');
  });

  for (const stream of [true, false]) {
    it(`stays away from an endpoint that broke its stream (next ${stream ? 'a stream' : 'not a stream'})`, async () => {
      const session = newSession();
      assert.equal(await goesTo(session), 'first');
      scene.first.behaveNext({ kind: 'cut', at: { afterEvents: 2 }, how: 'rst' });
      const broken = await say({ ...session, 'user-agent': 'claude-cli/2.1.330' });
      assert.equal(broken.isComplete, false);
      assert.equal(await goesTo(session, { stream }), 'second');
      assert.equal(await goesTo(newSession()), 'first', 'the others do not');
      assert.equal(await goesTo(session), 'second', 'the binding followed');
    });
  }

  it('uses an endpoint that broke its stream where no other is usable', async () => {
    const session = newSession();
    for (const id of ['second', 'third']) await scene.gateway.control('POST', `/signalbox/endpoints/${id}/disable`);
    scene.first.behaveNext({ kind: 'cut', at: { afterEvents: 2 }, how: 'rst' });
    await say(session);
    assert.equal(await goesTo(session), 'first');
    for (const id of ['second', 'third']) await scene.gateway.control('POST', `/signalbox/endpoints/${id}/enable`);
  });

  it('keeps its endpoint while a small model cools down there', async () => {
    const session = await boundToSecond();
    const haiku = { model: 'claude-haiku-4-5' };
    scene.second.behaveNext(anthropicError('rate_limit_error', { retryAfterSeconds: 30 }));
    assert.equal(await goesTo(session, haiku), 'first');
    assert.equal(await goesTo(session), 'second', 'the big model stays');
    assert.equal(await goesTo(session, haiku), 'first');
    assert.equal(await goesTo(session), 'second');
  });

  it('of a subagent begins where its parent is, and is one of its own', async () => {
    const parent = await boundToSecond();
    const child = { ...parent, 'x-claude-code-agent-id': 'agent-1' };
    assert.equal(await goesTo(child), 'second');
    const { sessions } = await scene.gateway.status();
    assert.equal(sessions.length, 2);
    await scene.gateway.control('POST', '/signalbox/reset');
    for (const one of sessions) {
      if (one.requestCount === 1 && one.lastUsedMs === Math.min(...sessions.map(({ lastUsedMs }) => lastUsedMs))) {
        await scene.gateway.control('PUT', `/signalbox/sessions/${one.id}`, { endpointId: 'third' });
      }
    }
    assert.equal(await goesTo(parent), 'third');
    assert.equal(await goesTo(child), 'second', 'the child stays when its parent is moved');
  });

  it('is used but not made by count_tokens', async () => {
    const counting = '/v1/messages/count_tokens';
    await say(newSession(), { stream: false }, counting);
    assert.deepEqual((await scene.gateway.status()).sessions, []);
    const session = await boundToSecond();
    scene.second.forgetSeen();
    const [before] = (await scene.gateway.status()).sessions;
    const reply = await say(session, { stream: false }, counting);
    assert.equal(reply.headers['x-signalbox-endpoint'], 'second');
    assert.equal(scene.second.seen[0]?.path, counting);
    assert.equal((await scene.gateway.status()).sessions[0]?.requestCount, before?.requestCount);
  });
});

describe('a session that has been idle', () => {
  let scene: Scene | undefined;

  afterEach(() => scene?.close());

  for (const goHomeAfterIdleSeconds of [1, 300]) {
    const does = goHomeAfterIdleSeconds === 1 ? 'goes home' : 'does not go home';
    it(`${does} after more than a second where ${goHomeAfterIdleSeconds} s is the measure`, async () => {
      const here = await startScene({ config: { affinity: { goHomeAfterIdleSeconds } } });
      scene = here;
      const asking = () => ({ headers: { 'x-session-id': 'idle' }, json: message() });
      await here.first.refuse();
      assert.equal((await here.ask('/v1/messages', asking())).headers['x-signalbox-endpoint'], 'second');
      await here.first.listenAgain();
      await here.gateway.control('POST', '/signalbox/reset');
      const busy = await here.ask('/v1/messages', asking());
      assert.equal(busy.headers['x-signalbox-endpoint'], 'second');
      await here.gateway.letPass(1200);
      const idle = await here.ask('/v1/messages', asking());
      assert.equal(idle.headers['x-signalbox-endpoint'], goHomeAfterIdleSeconds === 1 ? 'first' : 'second');
    });
  }
});
