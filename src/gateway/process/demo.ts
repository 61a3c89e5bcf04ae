import { type Config, parseConfig } from '../../core/config/config.ts';
import { startDemoEndpoints } from '../../simulated/demoEndpoints.ts';

/** Two built-in endpoints, and a configuration that prefers the flaky one so that failover can be watched. */
export interface Demo {
  readonly config: Config;
  close(): Promise<void>;
}

export async function startDemo(random: () => number): Promise<Demo> {
  const { flaky, steady, close } = await startDemoEndpoints(random);
  const result = parseConfig({
    clientToken: null,
    endpoints: [
      { id: 'flaky', name: 'Flaky demo endpoint', baseUrl: flaky.url, auth: 'none', priority: 1 },
      { id: 'steady', name: 'Steady demo endpoint', baseUrl: steady.url, auth: 'none', priority: 2 },
    ],
  });
  if (result.kind === 'bad')
    throw new Error(`the demo's own configuration is wrong: ${JSON.stringify(result.problems)}`);
  return { config: result.config, close };
}

/** A command that shows a streamed answer of the demo, and what can be seen of it. */
export function demoText(url: string): string {
  const curl = [
    `curl -N ${url}/v1/messages -H 'content-type: application/json' -H 'anthropic-version: 2023-06-01'`,
    `-d '{"model":"demo","max_tokens":100,"stream":true,"messages":[{"role":"user","content":"hi"}]}'`,
  ].join(' ');
  return `Try it in another terminal, a few times: the first of the two endpoints fails now and then, the second answers in its
place, and the log below shows it:
  ${curl}

`;
}
