import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import {
  type SimulatedEndpoint,
  type SimulatedEndpointOptions,
  startSimulatedEndpoint,
} from '../../../src/simulated/simulatedEndpoint.ts';
import { type EventReader, readEvents } from '../scenes/eventReader.ts';
import { openStream, type StreamedAnswer } from '../scenes/streamClient.ts';
import {
  type GatewayOptions,
  type GatewayProcess,
  type GatewayProcessOptions,
  startGateway,
  type TestGateway,
} from './startGateway.ts';
import { type InProcessOptions, startInProcess } from './startInProcess.ts';

/** A request body of the Messages API; streams on demand. */
export function messages(content = 'hi', stream = false): object {
  return { model: 'claude-simulated-1', max_tokens: 10, stream, messages: [{ role: 'user', content }] };
}

/** The key of the simulated endpoint of that name. */
export function keyOf(name: string): string {
  return `key-of-endpoint-${name}`;
}

/** A configuration of these endpoints in their order, quiet: no client token, no warm-up at start. */
export function configOf(endpoints: readonly SimulatedEndpoint[], extra: object = {}): object {
  return {
    clientToken: null,
    warmup: { onStart: false },
    endpoints: endpoints.map((endpoint, index) => endpointConfig(endpoint, { priority: index + 1 })),
    ...extra,
  };
}

/** The options of a gateway with such a configuration, and the keys in its environment. */
function ownConfiguration(
  endpoints: readonly SimulatedEndpoint[],
  config: object,
  env: Readonly<Record<string, string>> = {},
): GatewayOptions {
  return { config: configOf(endpoints, config), env: { ...keyEnvironment(endpoints), ...env } };
}

/** One endpoint's configuration; its key comes from the variable that `keyEnvironment` sets. */
export function endpointConfig({ name, url }: SimulatedEndpoint, extra: object = {}): object {
  return { id: name, baseUrl: url, apiKey: `env:KEY_${name.toUpperCase()}`, ...extra };
}

/** The environment with the keys of these endpoints. */
export function keyEnvironment(endpoints: readonly SimulatedEndpoint[]): Record<string, string> {
  return Object.fromEntries(endpoints.map(({ name }) => [`KEY_${name.toUpperCase()}`, keyOf(name)]));
}

/** The processes of a test; `close` ends them, newest first, and fails if a gateway does not exit cleanly. */
export class TestBed {
  readonly #closers: (() => Promise<void> | void)[] = [];

  /** An endpoint that takes its own key only. */
  async endpoint(name: string, options: SimulatedEndpointOptions = {}): Promise<SimulatedEndpoint> {
    const endpoint = await startSimulatedEndpoint({ name, apiKey: keyOf(name), ...options });
    this.onClose(() => endpoint.close());
    return endpoint;
  }

  /** A gateway that owns its configuration: these endpoints, unless `config` names others. */
  gateway(
    endpoints: readonly SimulatedEndpoint[],
    config: object = {},
    options: InProcessOptions = {},
  ): Promise<TestGateway> {
    return this.start({ ...options, ...ownConfiguration(endpoints, config, options.env) });
  }

  /** The same in a process of its own. */
  gatewayProcess(
    endpoints: readonly SimulatedEndpoint[],
    config: object = {},
    options: GatewayProcessOptions = {},
  ): Promise<GatewayProcess> {
    return this.process({ ...options, ...ownConfiguration(endpoints, config, options.env) });
  }

  /** A gateway as a window starts it, with keys and configuration pushed; the client token is asked for. */
  async windowGateway(endpoints: readonly SimulatedEndpoint[], config: object = {}): Promise<TestGateway> {
    const gateway = await this.start();
    await this.configure(gateway, endpoints, config);
    return gateway;
  }

  /** Pushes keys and configuration, as a window does. */
  async configure(gateway: TestGateway, endpoints: readonly SimulatedEndpoint[], config: object = {}): Promise<void> {
    await this.pushKeys(gateway, endpoints);
    const reply = await gateway.control('PUT', '/signalbox/config', pushedConfig(endpoints, config));
    if (reply.status !== 200) throw new Error(`the configuration was not taken: ${reply.text}`);
  }

  async pushKeys(gateway: TestGateway, endpoints: readonly SimulatedEndpoint[]): Promise<void> {
    const keys = Object.fromEntries(endpoints.map(({ name }) => [name, keyOf(name)]));
    const reply = await gateway.control('PUT', '/signalbox/keys', { keys });
    if (reply.status !== 200) throw new Error(`the keys were not taken: ${reply.text}`);
  }

  /** Any gateway; its state folder stays until the bed is closed. */
  async start(options: InProcessOptions = {}): Promise<TestGateway> {
    return this.#kept(await startInProcess({ stateDir: join(this.folder(), 'state'), ...options }));
  }

  /** Any gateway process; its state folder stays until the bed is closed. */
  async process(options: GatewayProcessOptions = {}): Promise<GatewayProcess> {
    return this.#kept(await startGateway({ stateDir: join(this.folder(), 'state'), ...options }));
  }

  #kept<Gateway extends TestGateway>(gateway: Gateway): Gateway {
    this.onClose(async () => {
      const code = await gateway.stop();
      if (code !== 0) throw new Error(`the gateway ended with ${code}\n${gateway.log()}`);
    });
    return gateway;
  }

  /** A streamed answer; broken off at the end should it still run. */
  async stream(
    { url }: TestGateway,
    body: object = messages('hi', true),
    headers: Readonly<Record<string, string>> = {},
  ): Promise<StreamedAnswer> {
    const answer = await openStream(`${url}/v1/messages`, body, headers);
    this.onClose(() => answer.destroy());
    return answer;
  }

  /** A window attached to the event stream. */
  async window(gateway: TestGateway): Promise<EventReader> {
    const reader = await readEvents(gateway);
    this.onClose(() => reader.close());
    return reader;
  }

  /** A new folder that goes away with the bed. */
  folder(): string {
    const path = mkdtempSync(join(tmpdir(), 'signalbox-test-'));
    this.onClose(() => rmSync(path, { recursive: true, force: true }));
    return path;
  }

  onClose(closer: () => Promise<void> | void): void {
    this.#closers.push(closer);
  }

  async close(): Promise<void> {
    const errors: unknown[] = [];
    for (const closer of this.#closers.splice(0).reverse()) {
      try {
        await closer();
      } catch (error) {
        errors.push(error);
      }
    }
    if (errors.length > 0) throw errors[0];
  }
}

/** A test's body with a bed of its own, which is closed whatever happens. */
export function withBed(run: (bed: TestBed) => Promise<void>): () => Promise<void> {
  return async () => {
    const bed = new TestBed();
    try {
      await run(bed);
    } finally {
      await bed.close();
    }
  };
}

/** A configuration as a window pushes it: keys go separately. */
export function pushedConfig(endpoints: readonly SimulatedEndpoint[], extra: object = {}): object {
  return {
    warmup: { onStart: false },
    endpoints: endpoints.map(({ name, url }, index) => ({ id: name, baseUrl: url, priority: index + 1 })),
    ...extra,
  };
}

/** The exit code of a gateway that ends by itself. */
export function exitOf({ process: child }: GatewayProcess): Promise<number | null> {
  if (child.exitCode !== null || child.signalCode !== null) return Promise.resolve(child.exitCode);
  return new Promise((resolve) => child.once('exit', resolve));
}
