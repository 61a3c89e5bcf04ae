// A process that holds one window at a time, opened and closed as its parent says over IPC; tells what the window shows.
import type { GatewayStatus } from '../../src/ui/model/gatewayStatus.ts';
import { WindowSide } from '../support/windows/windowSide.ts';
import { WindowStore } from '../support/windows/windowStore.ts';

/** The settings of a window; `keys` by endpoint. */
export interface KillWindowOptions {
  readonly stateDir: string;
  readonly document: object;
  readonly keys: Readonly<Record<string, string>>;
}

/** Messages of the parent. `change`: the user has changed settings, of which every window of VS Code hears. */
export type KillWindowOrder =
  | { readonly order: 'open'; readonly options: KillWindowOptions }
  | { readonly order: 'change'; readonly settings: object }
  | { readonly order: 'close' };

/** The part of the window's state that the kills check. */
export interface ShownStatus {
  readonly kind: GatewayStatus['kind'];
  /** Of the gateway that it shows; 0 while it shows none. */
  readonly pid: number;
  /** The endpoints that have a key, and the breaker of each endpoint, as `id:state`. */
  readonly keyed: readonly string[];
  readonly breakers: readonly string[];
  readonly sessions: number;
  /** Why there is none, in JSON. */
  readonly failure: string;
}

/** `atMs` is the epoch, so that it can be compared between processes. */
export type KillWindowNews = ShownStatus & { readonly atMs: number };

let side: WindowSide | undefined;
let store: WindowStore | undefined;
let told = '';

function shown(status: GatewayStatus): ShownStatus {
  const { kind } = status;
  const snapshot = kind === 'running' ? status.snapshot : undefined;
  const endpoints = snapshot?.endpoints ?? [];
  return {
    kind,
    pid: snapshot?.gateway.pid ?? 0,
    keyed: endpoints.filter(({ hasKey }) => hasKey).map(({ id }) => id),
    breakers: endpoints.map(({ id, breaker }) => `${id}:${breaker.state}`),
    sessions: snapshot?.sessions.length ?? 0,
    failure: kind === 'failed' ? JSON.stringify(status.failure) : '',
  };
}

function tell(status: GatewayStatus): void {
  const now = shown(status);
  const text = JSON.stringify(now);
  if (text === told) return;
  told = text;
  process.send?.({ ...now, atMs: performance.timeOrigin + performance.now() } satisfies KillWindowNews);
}

async function open({ stateDir, document, keys }: KillWindowOptions): Promise<void> {
  store = new WindowStore(document);
  side = new WindowSide({ store, stateDir });
  for (const [id, key] of Object.entries(keys)) await side.keys.store(id, key);
  side.supervisor.onStatus.on(tell);
  side.supervisor.start();
}

function close(): void {
  side?.dispose();
  side = undefined;
  tell({ kind: 'stopped' });
}

process.on('message', (message: KillWindowOrder) => {
  switch (message.order) {
    case 'open':
      void open(message.options);
      break;
    case 'change':
      store?.change(message.settings);
      break;
    case 'close':
      close();
      break;
    default:
      message satisfies never;
  }
});
process.once('disconnect', () => process.exit(0));
// It lives now: what is told before that is lost.
tell({ kind: 'stopped' });
