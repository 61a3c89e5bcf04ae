import assert from 'node:assert/strict';
import { existsSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import type { SavedState } from '../../../src/contract/savedState.ts';
import type { EndpointSnapshot, Snapshot } from '../../../src/contract/snapshot.ts';
import { type GatewayProcess, send, startGateway, type TestGateway, until } from './startGateway.ts';
import { exitOf, messages, TestBed } from './testBed.ts';

/** Gateways that come one after the other and share a state folder. They may end in any way. */
export class Succession extends TestBed {
  readonly stateDir: string;

  constructor() {
    super();
    this.stateDir = join(this.folder(), 'state');
  }

  get path(): string {
    return join(this.stateDir, 'state.json');
  }

  /** The next one; a `config` of its own, or none for one that waits for a window. */
  async next(config?: object, env: Readonly<Record<string, string>> = {}): Promise<GatewayProcess> {
    const { stateDir } = this;
    const gateway = await startGateway({ stateDir, env, ...(config === undefined ? {} : { config }) });
    this.onClose(async () => void (await gateway.stop('SIGKILL')));
    return gateway;
  }

  /** The content of the file; undefined without a file. An existing file holds valid JSON at every moment. */
  saved(): SavedState | undefined {
    return existsSync(this.path) ? JSON.parse(readFileSync(this.path, 'utf8')) : undefined;
  }

  /** Resolves when the file fits. */
  async untilSaved(what: string, fits: (saved: SavedState) => boolean): Promise<void> {
    await until(
      `in the file: ${what}`,
      () => this.saved(),
      (saved) => saved !== undefined && fits(saved),
      10_000,
    );
  }
}

/** A test's body with gateways of its own, all of which are gone afterwards. */
export function withSuccession(run: (bed: Succession) => Promise<void>): () => Promise<void> {
  return async () => {
    const bed = new Succession();
    try {
      await run(bed);
    } finally {
      await bed.close();
    }
  };
}

/** Ends a gateway; one that is asked to must end well. */
export async function endBy(gateway: GatewayProcess, signal: 'SIGKILL' | 'SIGTERM'): Promise<void> {
  gateway.process.kill(signal);
  assert.equal(await exitOf(gateway), signal === 'SIGTERM' ? 0 : null, gateway.stderr());
}

/** Sends a message of a session; resolves with the endpoint that has answered. */
export async function say({ url }: Pick<TestGateway, 'url'>, session: string): Promise<unknown> {
  const headers = { 'x-session-id': session, 'user-agent': 'claude-cli/2.1.330 (external, cli)' };
  const reply = await send(`${url}/v1/messages`, { json: messages(), headers });
  assert.equal(reply.status, 200, reply.text);
  return reply.headers['x-signalbox-endpoint'];
}

/** The endpoint of a snapshot, or of a file. */
export function endpointIn<Endpoint extends { readonly id: string }>(
  { endpoints }: { readonly endpoints: readonly Endpoint[] },
  id: string,
): Endpoint {
  const found = endpoints.find((one) => one.id === id);
  assert.ok(found, `no endpoint ${id}`);
  return found;
}

/** Asks until an endpoint is in this state; each question is of a session of its own. */
export async function sayUntil(
  gateway: TestGateway,
  id: string,
  state: EndpointSnapshot['state'],
): Promise<EndpointSnapshot> {
  let count = 0;
  const look = async (): Promise<Snapshot> => {
    count += 1;
    await say(gateway, `${id} ${state} ${count}`);
    return gateway.status();
  };
  const snapshot = await until(`${id} is ${state}`, look, (now) => endpointIn(now, id).state === state);
  return endpointIn(snapshot, id);
}
