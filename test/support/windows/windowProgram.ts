// A window in a process of its own. Prints one line of JSON when a gateway runs, or none is to be had; then does as told.
import { writeSync } from 'node:fs';
import { WindowSide } from './windowSide.ts';
import { WindowStore } from './windowStore.ts';

/** The one argument, as JSON. */
export interface WindowProgramOptions {
  readonly stateDir: string;
  readonly document: object;
  readonly keys?: Readonly<Record<string, string>>;
  readonly extensionFolder?: string;
  /**
   * `exit`: ends its process at once. `dispose`: ends the window and nothing else, so that the process ends when nothing
   * is left of it. `stay`: waits to be killed. `disposeAtOnce`: `dispose`, but before anything has been found.
   */
  readonly then: 'exit' | 'dispose' | 'stay' | 'disposeAtOnce';
}

async function main(): Promise<void> {
  const { then, document, keys = {}, ...options } = JSON.parse(process.argv[2] ?? '') as WindowProgramOptions;
  const store = new WindowStore(document);
  const side = new WindowSide({ ...options, store, env: process.env });
  for (const [id, key] of Object.entries(keys)) await side.keys.store(id, key);
  if (then === 'disposeAtOnce') {
    side.supervisor.start();
    side.dispose();
    return;
  }
  const snapshot = await side.start();
  // Written before the process may end.
  writeSync(1, `${JSON.stringify(snapshot.gateway)}\n`);
  if (then === 'exit') process.exit(0);
  if (then === 'dispose') side.dispose();
}

await main();
