import assert from 'node:assert/strict';
import { existsSync, mkdtempSync, openSync, rmSync, writeFileSync } from 'node:fs';
import { createServer } from 'node:http';
import { tmpdir } from 'node:os';
import path from 'node:path';
import type { InheritanceMessage } from '../../../src/contract/handOver.ts';
import { Successor } from '../../../src/gateway/process/successor.ts';
import type { ListeningSocket } from '../../../src/proxy/listeningSocket.ts';
import { until } from '../../support/processes/startGateway.ts';

describe('a successor', () => {
  let folder: string;

  beforeEach(() => {
    folder = mkdtempSync(path.join(tmpdir(), 'signalbox-test-'));
  });
  afterEach(() => rmSync(folder, { recursive: true, force: true }));

  it('that leaves its channel before it inherits fails with how it ended, not with the closed channel', async () => {
    const program = path.join(folder, 'leaving.cjs');
    const left = path.join(folder, 'left');
    writeFileSync(
      program,
      `process.send({ event: 'ready' }, () => {
        process.disconnect();
        require('node:fs').writeFileSync(${JSON.stringify(left)}, '');
        setTimeout(() => process.exit(9), 200);
      });`,
    );
    const state = { path: folder, openCrashLog: () => openSync(path.join(folder, 'gateway.stderr'), 'a') };
    const env = { PATH: process.env['PATH'] ?? '' };
    const successor = new Successor({ pid: process.pid, runtime: process.execPath, program, env }, state, 0);
    await successor.ready();
    await until('the channel is closed', () => existsSync(left), Boolean);
    await new Promise((resolve) => setImmediate(resolve));
    await assert.rejects(
      successor.inherit({} as InheritanceMessage, createServer() as unknown as ListeningSocket),
      /it ended with 9/,
    );
    successor.kill();
  });
});
