import assert from 'node:assert/strict';
import { chmodSync, readdirSync, readFileSync, statSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import type { Metrics } from '../../../src/contract/metrics.ts';
import { metricsFileName } from '../../../src/gateway/process/stateDirectory.ts';
import { anthropicError } from '../../../src/simulated/behaviour.ts';
import { StoreFile } from '../../../src/store/file/storeFile.ts';
import { Writer } from '../../../src/store/file/writer.ts';
import { runGateway } from '../../support/processes/runGateway.ts';
import { send } from '../../support/processes/startGateway.ts';
import { endBy, withSuccession } from '../../support/processes/succession.ts';
import { configOf, endpointConfig, keyEnvironment, messages } from '../../support/processes/testBed.ts';
import { requestsOver } from '../../support/store/storeBed.ts';

describe('gateway.js --report', () => {
  it(
    'gives the figures of what the gateway of a state folder has recorded, when that has ended, too',
    withSuccession(async (bed) => {
      const first = await bed.endpoint('first');
      const second = await bed.endpoint('second');
      const gateway = await bed.next(configOf([first, second]), keyEnvironment([first, second]));
      const say = (session: string, headers = {}) =>
        send(`${gateway.url}/v1/messages`, { json: messages(), headers: { 'x-session-id': session, ...headers } });
      // Two sessions with three requests each; the last one of the second is failed over, and one is the client's fault.
      for (const session of ['one', 'one', 'one', 'two', 'two']) assert.equal((await say(session)).status, 200);
      first.behaveNext(anthropicError('api_error', { status: 502 }));
      assert.equal((await say('two')).headers['x-signalbox-attempts'], '2');
      first.behaveNext(anthropicError('invalid_request_error'));
      assert.equal((await say('three')).status, 400);
      await endBy(gateway, 'SIGTERM');

      const json = await runGateway(['--report', '--json', '--state-dir', bed.stateDir]);
      assert.equal(json.code, 0, json.stderr);
      const { totals, endpoints } = JSON.parse(json.stdout) as Metrics;
      assert.equal(totals.requests, 7);
      assert.deepEqual(totals.ends, { ok: 5, failedOver: 1, clientFault: 1 });
      assert.equal(totals.attempts, 8);
      assert.deepEqual(
        [totals.sameEndpoint, totals.withPredecessor],
        [3, 4],
        'the one that failed over went elsewhere',
      );
      assert.deepEqual(Object.fromEntries(endpoints.map((one) => [one.endpointId, one.requests])), {
        first: 6,
        second: 1,
      });

      const text = await runGateway(['--report', '--days', '1', '--state-dir', bed.stateDir]);
      assert.equal(text.code, 0, text.stderr);
      assert.match(text.stdout, /^Signalbox, \S+ \S+ to \S+ \S+ \(local time, UTC[+-]\d\d:\d\d\): 7 requests\n/);
      assert.match(text.stdout, /^ {2}success rate +100\.00% {2}excluding client aborts/m);
      assert.match(text.stdout, /^ {2}failovers +1 {2}invisible to clients; they took \d+ ms median/m);
      assert.match(text.stdout, /^ {2}client errors +1 of 1 {2}of failures \(1 in total\); charged to no endpoint/m);
      assert.match(text.stdout, /^ {2}session consistency +3 of 4 {2}of requests/m);
      assert.match(text.stdout, /^ {2}first +6 +100\.00%/m);
    }),
  );

  it(
    'C12: has a row for requests that no endpoint took, and says why; a share of a few is told by numbers',
    withSuccession(async (bed) => {
      const only = await bed.endpoint('only');
      const endpoints = [endpointConfig(only, { models: ['other-*'] })];
      const gateway = await bed.next(configOf([], { endpoints }), keyEnvironment([only]));
      const ask = (body: object) => send(`${gateway.url}/v1/messages`, { json: { ...messages(), ...body } });
      assert.equal((await ask({ model: 'other-1' })).status, 200);
      for (const _ of [1, 2]) assert.equal((await ask({})).status, 404);
      await endBy(gateway, 'SIGTERM');
      const { stdout, stderr } = await runGateway(['--report', '--state-dir', bed.stateDir]);
      assert.match(stdout, /: 3 requests\n/, stderr);
      assert.match(stdout, /^ {2}only +1 +100\.00%/m);
      assert.match(stdout, /^ {2}\(none\) +2 +-/m);
      assert.match(stdout, /^ {2}\(none\): no endpoint could take the request/m);
      assert.match(stdout, /^ {2}reused connections +0 of 1 /m);
    }),
  );

  it(
    'says where it looked when nothing was recorded there, and what is wrong with a file that cannot be read',
    withSuccession(async (bed) => {
      const none = await runGateway(['--report', '--state-dir', bed.folder()]);
      assert.equal(none.code, 2);
      assert.match(none.stderr, /there are no records in .*metrics\.sqlite\. Name .* --state-dir/);
      const folder = bed.folder();
      writeFileSync(join(folder, metricsFileName), '');
      const empty = await runGateway(['--report', '--state-dir', folder]);
      assert.equal(empty.code, 0, empty.stderr);
      assert.match(empty.stdout, /: 0 requests\n$/);
      assert.equal(readFileSync(join(folder, metricsFileName)).length, 0, 'what is empty stays so');
      const broken = bed.folder();
      const bytes = Buffer.from('no database, though it stands where one should be. '.repeat(200));
      writeFileSync(join(broken, metricsFileName), bytes);
      const unreadable = await runGateway(['--report', '--state-dir', broken]);
      assert.equal(unreadable.code, 1);
      assert.match(unreadable.stderr, /^signalbox: .*\(corrupt\).*not a database/);
      assert.deepEqual(readdirSync(broken), [metricsFileName], 'a report sets nothing aside');
      assert.deepEqual(readFileSync(join(broken, metricsFileName)), bytes);
    }),
  );

  it(
    'leaves the file as it is: with all that is older than a gateway would keep, and its mode',
    withSuccession(async (bed) => {
      const folder = bed.folder();
      const path = join(folder, metricsFileName);
      const file = StoreFile.open({ path });
      file.db.exec("INSERT INTO probes VALUES (1, 1000, 'first', 'warm-up', 1, 'ok', 1, 1, 'success', '', NULL)");
      file.close();
      chmodSync(path, 0o640);
      const bytes = readFileSync(path);
      const { code, stderr } = await runGateway(['--report', '--state-dir', folder]);
      assert.equal(code, 0, stderr);
      assert.deepEqual(readFileSync(path), bytes);
      assert.equal(statSync(path).mode & 0o777, 0o640);
    }),
  );

  it(
    'counts by the prices of a configuration that is named, whose keys it does not need',
    withSuccession(async (bed) => {
      const stateDir = bed.folder();
      const file = StoreFile.open({ path: join(stateDir, metricsFileName) });
      const [record] = requestsOver(60_000, 1, Date.now());
      assert.ok(record);
      const attempts = record.attempts.map((attempt) => ({ ...attempt, sentModel: 'our-own' }));
      const usage = { inputTokens: 2_000_000, outputTokens: 0, cacheReadTokens: 0, cacheWriteTokens: 0 };
      new Writer().write(file, [{ kind: 'request', record: { ...record, usage, attempts } }]);
      file.close();
      const config = join(stateDir, 'signalbox.json');
      const endpoints = [{ id: 'first', baseUrl: 'https://api.example.com', apiKey: 'env:KEY_THAT_IS_NOT_SET' }];
      writeFileSync(config, JSON.stringify({ endpoints, prices: { 'our-*': { input: 3, output: 4 } } }));
      const own = await runGateway(['--report', '--json', '--state-dir', stateDir, '--config', config]);
      assert.equal(own.code, 0, own.stderr);
      assert.equal((JSON.parse(own.stdout) as Metrics).totals.costUsd, 6);
      const builtIn = await runGateway(['--report', '--json', '--state-dir', stateDir]);
      assert.equal((JSON.parse(builtIn.stdout) as Metrics).totals.costUsd, 0);
      writeFileSync(config, JSON.stringify({ prices: { 'our-*': { input: 'much' } } }));
      const wrong = await runGateway(['--report', '--state-dir', stateDir, '--config', config]);
      assert.equal(wrong.code, 2);
      assert.match(wrong.stderr, /signalbox\.json: prices/);
    }),
  );

  for (const [args, problem] of [
    [['--report', '--days', '0'], /--days must be a number from 1 to 3650/],
    [['--report', '--days', 'x'], /--days must be a number from 1 to 3650/],
    [['--report', '--demo'], /--report takes no --demo/],
    [['--days', '3'], /--days is for --report only/],
    [['--json'], /--json is for --drill and --report only/],
  ] as const) {
    it(`refuses ${args.join(' ')}`, async () => {
      const { code, stderr } = await runGateway(args);
      assert.equal(code, 2);
      assert.match(stderr, problem);
    });
  }
});
