// The fault matrix, rows 31 to 34 and 57: what stands when endpoints are out of use, and when they come back.
import assert from 'node:assert/strict';
import type { ServerResponse } from 'node:http';
import { anthropicError, type Behaviour } from '../../../src/simulated/behaviour.ts';
import { startExactEndpoint } from '../../support/endpoints/exactEndpoint.ts';
import { until } from '../../support/processes/startGateway.ts';
import { endpointConfig, TestBed } from '../../support/processes/testBed.ts';
import type { Answer } from '../../support/scenes/converse.ts';
import { errorMessage } from '../../support/scenes/errorShape.ts';
import { assertSaw, assertStanding, assertViews, attemptInShort, calm } from '../../support/scenes/rowViews.ts';
import {
  assertWholeAnswer,
  message,
  modelRequests,
  type Scene,
  sceneOf,
  startScene,
} from '../../support/scenes/scene.ts';

/** A failure that counts, and that has no cooldown of its own. */
const failure = anthropicError('api_error', { status: 502 });
const open = { breaker: 'open', failures: 3, cooling: [] } as const;
const halfOpen = { ...open, breaker: 'halfOpen' } as const;

function ask(scene: Scene, session?: string): Promise<Answer> {
  const headers = session === undefined ? {} : { 'x-session-id': session };
  return scene.ask('/v1/messages', { headers, json: message() });
}

describe('row 31: every endpoint is out of use', () => {
  let scene: Scene;

  before(async () => {
    scene = await startScene({ config: { recovery: { enabled: false } } });
  });

  beforeEach(() => scene.renew());

  after(() => scene.close());

  function allBehave(behaviour: Behaviour): void {
    for (const endpoint of [scene.first, scene.second]) endpoint.behave(behaviour);
  }

  function forget(): void {
    for (const endpoint of [scene.first, scene.second]) endpoint.forgetSeen();
  }

  // Behaviour.md §1.5 differs: 503, never a made-up 529, after which Claude Code gives up.
  it('row 31: by open breakers: one request is let through, the others get a 503 and a time', async () => {
    allBehave(failure);
    for (let round = 0; round < 3; round += 1) await ask(scene);
    await assertStanding(scene, { first: open, second: open });
    forget();
    const answered = Promise.withResolvers<void>();
    allBehave({ kind: 'healthy', after: answered.promise });
    const trial = ask(scene);
    const seen = () => [...modelRequests(scene.first), ...modelRequests(scene.second)].length;
    await until('the trial', seen, (count) => count === 1);
    const others = await Promise.all(Array.from({ length: 40 }, () => ask(scene)));
    assert.equal(seen(), 1, 'no herd');
    for (const other of others) {
      assert.equal(other.status, 503);
      assert.match(errorMessage('anthropic', other.text), /first: .*502.*second: .*502|second: .*502.*first: .*502/);
      const seconds = Number(other.headers['retry-after']);
      assert.ok(seconds >= 1 && seconds <= 60, String(seconds));
      assert.equal(other.headers['x-should-retry'], undefined);
    }
    const [other] = others;
    assert.ok(other);
    const record = await scene.recordOf(other);
    assert.deepEqual([record.terminal, record.attempts], ['gatewayError', []]);
    answered.resolve();
    const reply = await trial;
    const by = reply.headers['x-signalbox-endpoint'] === 'first' ? 'first' : 'second';
    assertWholeAnswer(reply, scene.endpoint(by));
    const rest = by === 'first' ? 'second' : 'first';
    await assertViews(scene, reply, {
      endpoints: { [by]: ['answered'], [rest]: [] },
      state: { [by]: calm, [rest]: open },
      boundTo: by,
      terminal: 'ok',
      attempts: [`${by}: success, ok`],
    });
  });

  it('row 31: by rate limits: the 429 that ends first, byte for byte, then a 503 that asks nobody', async () => {
    const limits = [50, 20].map((retryAfterSeconds) => anthropicError('rate_limit_error', { retryAfterSeconds }));
    const [late, soon] = limits as [Behaviour & { body: object }, Behaviour & { body: object }];
    scene.first.behave(late);
    scene.second.behave(soon);
    const reply = await ask(scene);
    assert.equal(reply.status, 429);
    assert.equal(reply.headers['retry-after'], '20');
    assert.equal(reply.text, JSON.stringify(soon.body));
    const cooling = { ...calm, cooling: ['family:sonnet'] };
    await assertViews(scene, reply, {
      endpoints: { first: ['answered'], second: ['answered'] },
      state: { first: cooling, second: cooling },
      boundTo: undefined,
      terminal: 'endpointError',
      attempts: ['first: rateLimit, 429 rate_limit_error', 'second: rateLimit, 429 rate_limit_error'],
    });
    forget();
    const next = await ask(scene);
    assert.equal(next.status, 503);
    assert.ok(Number(next.headers['retry-after']) <= 22, next.text);
    assert.match(errorMessage('anthropic', next.text), /first: .*429.*second: .*429/);
    await assertViews(scene, next, {
      endpoints: { first: [], second: [] },
      state: { first: cooling, second: cooling },
      boundTo: undefined,
      terminal: 'gatewayError',
      attempts: [],
    });
    assert.deepEqual((await scene.recordOf(next)).attempts, []);
  });

  it('row 31: by spent money: the real answer goes back, and the keys cool down', async () => {
    const spent = anthropicError('billing_error');
    allBehave(spent);
    const reply = await ask(scene);
    assert.equal(reply.status, 402);
    assert.equal(reply.text, JSON.stringify(spent.body));
    await assertViews(scene, reply, {
      endpoints: { first: ['answered'], second: ['answered'] },
      state: { first: { ...calm, cooling: ['key'] }, second: { ...calm, cooling: ['key'] } },
      boundTo: undefined,
      terminal: 'endpointError',
      attempts: ['first: billing, 402 billing_error', 'second: billing, 402 billing_error'],
    });
  });

  // Behaviour.md §1.5 differs: never a bare 401, which costs the user minutes of retries.
  it('row 31: by refused keys: a 403 of ours that no client repeats', async () => {
    allBehave(anthropicError('authentication_error'));
    const reply = await ask(scene);
    assert.equal(reply.status, 403);
    assert.equal(reply.headers['x-should-retry'], 'false');
    assert.match(
      errorMessage('anthropic', reply.text),
      /refused by every endpoint \(first: "invalid API key"; second: "invalid API key"\)/,
    );
    await assertViews(scene, reply, {
      endpoints: { first: ['answered'], second: ['answered'] },
      state: { first: calm, second: calm },
      boundTo: undefined,
      terminal: 'gatewayError',
      attempts: ['first: auth, 401 authentication_error', 'second: auth, 401 authentication_error'],
    });
  });
});

/** A scene whose first endpoint answers when it is told to. */
async function startGatedScene(bed: TestBed) {
  const first = await startExactEndpoint();
  bed.onClose(() => first.close());
  const second = await bed.endpoint('second');
  const configured = [{ id: 'first', baseUrl: first.url, auth: 'none', priority: 1 }];
  const gateway = await bed.gateway([second], {
    endpoints: [...configured, endpointConfig(second, { priority: 2 })],
    breaker: { openSeconds: 1, maxOpenSeconds: 1 },
    timeouts: { firstByteMs: 1000 },
    recovery: { enabled: false },
  });
  const scene = sceneOf(gateway, new Map([['second', second]]));
  const fail = (response: ServerResponse): void => {
    const { status, body } = failure;
    response.writeHead(status, { 'content-type': 'application/json' }).end(JSON.stringify(body));
  };
  return {
    scene,
    first,
    fail,
    /** Opens the first endpoint's breaker; the second answers. */
    open: async () => {
      first.answer = fail;
      for (let round = 0; round < 3; round += 1) assertWholeAnswer(await ask(scene), second);
      // Its second may be over by now.
      assert.notEqual((await scene.snapshotOf('first')).breaker.state, 'closed');
    },
    becomesHalfOpen: async () => {
      // A second, give or take a quarter.
      await gateway.letPass(1300);
      assert.equal((await scene.snapshotOf('first')).breaker.state, 'halfOpen');
    },
  };
}

const whole = JSON.stringify({
  type: 'message',
  role: 'assistant',
  content: [{ type: 'text', text: 'ok' }],
  usage: { input_tokens: 3 },
});

function succeed(response: ServerResponse): void {
  response.writeHead(200, { 'content-type': 'application/json' }).end(whole);
}

describe('an endpoint that comes back', () => {
  const bed = new TestBed();
  let gated: Awaited<ReturnType<typeof startGatedScene>>;
  let scene: Scene;

  before(async () => {
    gated = await startGatedScene(bed);
    scene = gated.scene;
  });

  beforeEach(async () => {
    gated.first.letGo();
    await scene.renew();
    await gated.open();
  });

  after(() => bed.close());

  const unstreamed = (session?: string) =>
    scene.ask('/v1/messages', {
      headers: session === undefined ? {} : { 'x-session-id': session },
      json: message({ stream: false }),
    });

  it('row 32: of a thousand callers while it is half-open, one goes there', async () => {
    await gated.becomesHalfOpen();
    const probes: ServerResponse[] = [];
    gated.first.answer = (response) => void probes.push(response);
    scene.second.forgetSeen();
    const callers = Array.from({ length: 1000 }, () => unstreamed());
    await scene.second.seenCount(999, 90_000);
    await until(
      'the others have their answers',
      () => scene.gateway.status(),
      ({ totals }) => totals.inFlight === 1,
    );
    assert.equal(probes.length, 1);
    await assertStanding(scene, { first: halfOpen, second: calm });
    for (const probe of probes) succeed(probe);
    const answers = await Promise.all(callers);
    assert.ok(answers.every(({ status, isComplete }) => status === 200 && isComplete));
    const [proof, ...others] = answers.filter(({ headers }) => headers['x-signalbox-endpoint'] === 'first');
    assert.deepEqual(others, []);
    assert.equal(proof?.text, whole);
    assert.equal(modelRequests(scene.second).length, 999);
    await assertStanding(scene, { first: calm, second: calm });
    const { requests } = await scene.gateway.status();
    assert.ok(requests.every(({ terminal, attempts }) => terminal === 'ok' && attempts.length === 1));
  }).timeout(40_000);

  // That a lease which nobody settles goes to somebody else, after a minute at least: circuitBreakerHalfOpen.test.ts,
  // "gives an abandoned lease to somebody else when it ends".
  it('row 33: a half-open probe that hangs holds nobody up, and its end opens the breaker again', async () => {
    await gated.becomesHalfOpen();
    const probes: ServerResponse[] = [];
    gated.first.answer = (response) => void probes.push(response);
    const probe = ask(scene);
    await until(
      'the probe',
      () => probes.length,
      (count) => count === 1,
    );
    for (let round = 0; round < 5; round += 1) assertWholeAnswer(await ask(scene), scene.second);
    assert.equal(probes.length, 1);
    const reply = await probe;
    assertWholeAnswer(reply, scene.second);
    const record = await scene.recordOf(reply);
    assert.deepEqual(record.attempts.map(attemptInShort), [
      'first: transient, no first byte after 1 s, maybe billed',
      'second: success, ok',
    ]);
    await until(
      'the endpoint is let go',
      () => probes[0]?.destroyed,
      (isGone) => isGone === true,
    );
    const { breaker } = await scene.snapshotOf('first');
    assert.notEqual(breaker.state, 'closed');
  });

  it('row 33: a half-open probe whose client leaves gives its turn back, and nobody is blamed', async () => {
    await gated.becomesHalfOpen();
    const before = (await scene.snapshotOf('first')).lastError;
    const probes: ServerResponse[] = [];
    gated.first.answer = (response) => void probes.push(response);
    const probe = scene.converse('/v1/messages', { json: message() });
    await until(
      'the probe',
      () => probes.length,
      (count) => count === 1,
    );
    assertWholeAnswer(await ask(scene), scene.second);
    probe.abort();
    const { requests } = await scene.gateway.until('it is over', ({ totals }) => totals.inFlight === 0);
    const left = requests.find(({ terminal }) => terminal === 'clientAbort');
    assert.deepEqual(left?.attempts.map(attemptInShort), ['first: clientAbort, client closed the connection']);
    await until(
      'the endpoint is let go',
      () => probes[0]?.destroyed,
      (isGone) => isGone === true,
    );
    await assertStanding(scene, { first: halfOpen });
    assert.deepEqual((await scene.snapshotOf('first')).lastError, before);
    gated.first.answer = succeed;
    assert.equal((await unstreamed()).headers['x-signalbox-endpoint'], 'first', 'the next one is the probe');
    await assertStanding(scene, { first: calm });
  });

  it('row 34: a success that began before the breaker opened is delivered and changes nothing', async () => {
    await scene.gateway.control('POST', '/signalbox/reset');
    const late = await beginLate();
    await gated.open();
    succeed(late.response);
    const reply = await late.reply;
    assert.equal(reply.text, whole);
    const record = await scene.recordOf(reply);
    assert.deepEqual(record.attempts.map(attemptInShort), ['first: success, ok']);
    assert.equal(record.terminal, 'ok');
    assert.notEqual((await scene.snapshotOf('first')).breaker.state, 'closed');
  });

  it('row 34: a failure that began before the breaker opened neither lengthens it nor counts later', async () => {
    await scene.gateway.control('POST', '/signalbox/reset');
    const [early, later] = [await beginLate(), await beginLate()];
    await gated.open();
    const { untilMs } = (await scene.snapshotOf('first')).breaker;
    gated.fail(early.response);
    assertWholeAnswer(await early.reply, scene.second);
    const now = (await scene.snapshotOf('first')).breaker;
    if (now.state === 'open') assert.ok(Math.abs((now.untilMs ?? 0) - (untilMs ?? 0)) < 5, 'it is not lengthened');
    await gated.becomesHalfOpen();
    gated.first.answer = succeed;
    assert.equal((await unstreamed()).headers['x-signalbox-endpoint'], 'first');
    await assertStanding(scene, { first: calm });
    gated.fail(later.response);
    assertWholeAnswer(await later.reply, scene.second);
    await assertStanding(scene, { first: calm });
  });

  /** A request that the first endpoint has got and not yet answered. */
  async function beginLate(): Promise<{ response: ServerResponse; reply: Promise<Answer> }> {
    const got = Promise.withResolvers<ServerResponse>();
    gated.first.answer = (response) => got.resolve(response);
    const reply = unstreamed();
    return { response: await got.promise, reply };
  }

  it('row 57: a session moves once from an endpoint that opens, and stays where it is when that recovers', async () => {
    await scene.gateway.control('POST', '/signalbox/reset');
    gated.first.answer = succeed;
    const boundTo = async (reply: Answer): Promise<string | undefined> => {
      const { sessionId } = await scene.recordOf(reply);
      return (await scene.gateway.status()).sessions.find(({ id }) => id === sessionId)?.endpointId;
    };
    const home = await unstreamed('row 57');
    assert.equal(home.text, whole);
    assert.equal(await boundTo(home), 'first');
    await gated.open();
    scene.second.forgetSeen();
    const moved = await ask(scene, 'row 57');
    assertWholeAnswer(moved, scene.second);
    await assertSaw(scene, 'second', ['answered']);
    assert.equal(await boundTo(moved), 'second');
    await gated.becomesHalfOpen();
    gated.first.answer = succeed;
    assert.equal((await unstreamed()).headers['x-signalbox-endpoint'], 'first', 'it has recovered');
    await assertStanding(scene, { first: calm, second: calm });
    for (let round = 0; round < 3; round += 1) {
      const later = await ask(scene, 'row 57');
      assertWholeAnswer(later, scene.second);
      const record = await scene.recordOf(later);
      assert.equal(record.attempts[0]?.chosenBecause, 'bound');
      assert.equal(await boundTo(later), 'second');
    }
  });
});
