// A gateway whose state folder is in trouble; the folder is a mount that only this process and its children have.
//   storeTroubleProgram.ts full FOLDER      a file system that becomes full, and has room again
//   storeTroubleProgram.ts SIGTERM FOLDER   the same, full when the gateway is told to end; `shutdown` instead: by its API
//   storeTroubleProgram.ts readOnly FOLDER  `metrics.sqlite` is mounted read-only
// Prints one line of JSON: how the requests ended, what the store said, and how the gateway ended.
import { once } from 'node:events';
import { rmSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { send } from '../processes/startGateway.ts';
import { messages, TestBed } from '../processes/testBed.ts';
import { untilCounted, untilHealth } from './storeTrouble.ts';

const [, , trouble = '', stateDir = ''] = process.argv;
const bed = new TestBed();
const statuses: number[] = [];
try {
  const endpoint = await bed.endpoint('only');
  const gateway = await bed.gatewayProcess([endpoint], {}, { stateDir });
  const ask = async (count: number): Promise<void> => {
    for (let nth = 0; nth < count; nth += 1) {
      statuses.push((await send(`${gateway.url}/v1/messages`, { json: messages(`question ${nth}`) })).status);
    }
  };
  const isEnd = trouble === 'SIGTERM' || trouble === 'shutdown';
  if (trouble !== 'readOnly') {
    await untilHealth(gateway, 'ok');
    fill(join(stateDir, 'ballast'));
  }
  await ask(20);
  const degraded = await untilHealth(gateway, isEnd ? 'full' : trouble);
  await untilCounted(gateway, 20);
  if (isEnd) {
    // More lines than fit into what is left of the log's last page.
    await ask(40);
    const startedMs = performance.now();
    const exited = once(gateway.process, 'exit');
    if (trouble === 'SIGTERM') gateway.process.kill('SIGTERM');
    else await gateway.control('POST', '/signalbox/shutdown');
    const tooLate = setTimeout(() => gateway.process.kill('SIGKILL'), 15_000);
    const [code] = await exited;
    clearTimeout(tooLate);
    const end = { code, afterMs: performance.now() - startedMs, stderr: gateway.stderr() };
    process.stdout.write(`${JSON.stringify({ statuses, degraded, end })}\n`);
    process.exit(0);
  }
  rmSync(join(stateDir, 'ballast'), { force: true });
  const after = trouble === 'full' ? await untilHealth(gateway, 'ok') : undefined;
  await ask(5);
  await untilCounted(gateway, 25);
  process.stdout.write(`${JSON.stringify({ statuses, degraded, after })}\n`);
} finally {
  await bed.close();
}

/** Until the file system takes nothing more. */
function fill(path: string): void {
  for (const size of [65_536, 4096, 512, 1]) {
    try {
      for (;;) writeFileSync(path, Buffer.alloc(size), { flag: 'a' });
    } catch (error) {
      if ((error as NodeJS.ErrnoException).code !== 'ENOSPC') throw error;
    }
  }
}
