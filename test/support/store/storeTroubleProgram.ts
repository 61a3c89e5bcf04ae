// A gateway whose state folder is in trouble; the folder is a mount that only this process and its children have.
//   storeTroubleProgram.ts full FOLDER      a file system that becomes full, and has room again
//   storeTroubleProgram.ts readOnly FOLDER  `metrics.sqlite` is mounted read-only
// Prints one line of JSON: how the requests ended, and what the store said.
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
  if (trouble === 'full') {
    await untilHealth(gateway, 'ok');
    fill(join(stateDir, 'ballast'));
  }
  await ask(20);
  const degraded = await untilHealth(gateway, trouble);
  await untilCounted(gateway, 20);
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
