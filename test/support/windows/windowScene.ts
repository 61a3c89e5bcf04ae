import assert from 'node:assert/strict';
import { existsSync, readdirSync, readFileSync } from 'node:fs';
import path from 'node:path';
import type { Browser } from 'playwright-core';
import { extensionId } from '../../../release/addresses.ts';
import type { Snapshot } from '../../../src/contract/snapshot.ts';
import {
  type SimulatedEndpoint,
  type SimulatedEndpointOptions,
  startSimulatedEndpoint,
} from '../../../src/simulated/simulatedEndpoint.ts';
import { portForLater } from '../portForLater.ts';
import { until } from '../processes/startGateway.ts';
import { type Answer, type Conversation, converse } from '../scenes/converse.ts';
import { clearVscodeBed, vscodeBed } from '../workbench/vscodeBed.ts';
import type { VscodeServer, VscodeSettings } from '../workbench/vscodeServer.ts';
import { openWorkbench, type Workbench, type WorkbenchOptions } from '../workbench/workbench.ts';

/** An endpoint that the settings name from the start. */
export interface ScenePart {
  readonly id: string;
  /** Further fields of its setting: name, priority, enabled... */
  readonly setting?: Readonly<Record<string, unknown>>;
  readonly simulated?: SimulatedEndpointOptions;
}

export interface WindowSceneOptions extends WorkbenchOptions {
  readonly parts?: readonly ScenePart[];
  readonly settings?: VscodeSettings;
  readonly environment?: Readonly<Record<string, string>>;
  /** Called with the gateway's port before VS Code starts: for whoever has to be there first. */
  readonly beforeStart?: (port: number) => Promise<void>;
}

/** The names that the manifest gives to the views, by language. */
export const viewNames = {
  en: { endpoints: 'Endpoints', sessions: 'Sessions', requests: 'Requests' },
  'zh-cn': { endpoints: '端点', sessions: '会话', requests: '请求' },
} as const;

/** The status bar's item for the whole. */
export const statusId = `${extensionId}.signalbox.status`;

/** The status bar's item for one endpoint. */
export function endpointStatusId(endpointId: string): string {
  return `${extensionId}.signalbox.endpoint.${endpointId}`;
}

/** A real VS Code with the packaged extension, open on the Signalbox container, and simulated endpoints behind it. */
export class WindowScene {
  readonly server: VscodeServer;
  readonly browser: Browser;
  readonly window: Workbench;
  readonly port: number;
  readonly #endpoints: ReadonlyMap<string, SimulatedEndpoint>;

  constructor(parts: {
    readonly server: VscodeServer;
    readonly browser: Browser;
    readonly window: Workbench;
    readonly port: number;
    readonly endpoints: ReadonlyMap<string, SimulatedEndpoint>;
  }) {
    this.server = parts.server;
    this.browser = parts.browser;
    this.window = parts.window;
    this.port = parts.port;
    this.#endpoints = parts.endpoints;
  }

  get url(): string {
    return `http://127.0.0.1:${this.port}`;
  }

  /** The folder in which gateway and windows find each other. */
  get stateFolder(): string {
    const folder = path.join(this.server.folders.state, 'signalbox');
    const [host] = existsSync(folder) ? readdirSync(folder) : [];
    return path.join(folder, host ?? '');
  }

  get clientToken(): string {
    return readFileSync(path.join(this.stateFolder, 'client-token'), 'utf8').trim();
  }

  /** The process of the gateway that runs now; undefined while there is none. */
  get gatewayPid(): number | undefined {
    try {
      const text = readFileSync(path.join(this.stateFolder, 'gateway.json'), 'utf8');
      return (JSON.parse(text) as { pid: number }).pid;
    } catch (error) {
      if ((error as NodeJS.ErrnoException).code === 'ENOENT') return undefined;
      throw error;
    }
  }

  /** The state of the gateway, as it tells it to who holds the control token. */
  async status(): Promise<Snapshot> {
    const token = readFileSync(path.join(this.stateFolder, 'control-token'), 'utf8').trim();
    const headers = { authorization: `Bearer ${token}` };
    const response = await fetch(`${this.url}/signalbox/status`, { headers });
    assert.equal(response.status, 200);
    return (await response.json()) as Snapshot;
  }

  endpoint(id: string): SimulatedEndpoint {
    const found = this.#endpoints.get(id);
    assert.ok(found, `no endpoint ${id} in this scene`);
    return found;
  }

  /** A client's request, as Claude Code sends it; `session` tells one conversation from another. */
  converse(session = 'one', model = 'claude-opus-4-6'): Conversation {
    return converse(`${this.url}/v1/messages?beta=true`, {
      headers: {
        authorization: `Bearer ${this.clientToken}`,
        'anthropic-version': '2023-06-01',
        'user-agent': 'claude-cli/2.1.330 (external, cli)',
        'x-claude-code-session-id': session,
      },
      json: { model, max_tokens: 100, stream: true, messages: [{ role: 'user', content: 'hi' }] },
    });
  }

  /** Restarts the gateway by the command, in this window or another one; resolves when another process is there. */
  async restartProxy(window = this.window): Promise<void> {
    const pid = this.gatewayPid;
    await window.runCommand('Signalbox: Restart Gateway');
    await until(
      'another process of the gateway',
      () => this.gatewayPid,
      (now) => now !== undefined && now !== pid,
      20_000,
    );
  }

  /** The whole answer to such a request. */
  ask(session?: string, model?: string): Promise<Answer> {
    return this.converse(session, model).end;
  }

  /** Ends windows, endpoints and gateways, and leaves VS Code and the browser to the next scene. */
  async close(): Promise<void> {
    await clearVscodeBed(this);
    await Promise.all([...this.#endpoints.values()].map((one) => one.close()));
  }
}

/**
 * Opens a window in the VS Code of this process, which scenes use one after the other, and resolves when its Signalbox
 * container is open. `endVscodeBed` ends that VS Code after the last scene.
 */
export async function openWindowScene(options: WindowSceneOptions = {}): Promise<WindowScene> {
  const { parts = [], settings = {}, environment = {} } = options;
  const endpoints = new Map<string, SimulatedEndpoint>();
  const configured: object[] = [];
  for (const [index, { id, setting, simulated }] of parts.entries()) {
    const endpoint = await startSimulatedEndpoint({ name: id, ...simulated });
    endpoints.set(id, endpoint);
    configured.push({ id, name: id, baseUrl: endpoint.url, auth: 'none', priority: index + 1, ...setting });
  }
  const port = await portForLater();
  await options.beforeStart?.(port);
  const bed = await vscodeBed(environment);
  const endpointSettings = parts.length === 0 ? {} : { 'signalbox.endpoints': configured };
  bed.server.replaceSettings({ ...endpointSettings, ...settings }, { 'signalbox.port': port });
  try {
    const window = await openWorkbench(bed.server, bed.browser, options);
    await untilStarted(window, options);
    return new WindowScene({ ...bed, window, port, endpoints });
  } catch (error) {
    await clearVscodeBed(bed);
    throw error;
  }
}

async function untilStarted(window: Workbench, { parts = [], language = 'en' }: WindowSceneOptions): Promise<void> {
  await window.openContainer('Signalbox');
  await window.statusBar.until(statusId, 'the start to be over', ({ icons }) => !icons.includes('sync'), 30_000);
  if (parts.length === 0) return;
  const tree = window.tree(viewNames[language].endpoints);
  await tree.until('the endpoints', (rows) => rows.length === parts.length, 20_000);
}
