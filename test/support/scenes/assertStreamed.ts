import assert from 'node:assert/strict';
import type { SimulatedEndpoint } from '../../../src/simulated/simulatedEndpoint.ts';
import type { ClaudeRun } from '../clients/claudeCli.ts';
import { type ClientRig, seenOn, spoken, words } from '../clients/clientRig.ts';

/**
 * The CLI has shown the whole answer of this endpoint as its last one, word by word: the first words before the
 * endpoint ended, since it waits for that (the CLI was run with `onText: rig.ear.listen()`). `requests` is how many the CLI has sent to the gateway, the last of them being this one.
 */
export async function assertStreamed(
  run: ClaudeRun,
  rig: ClientRig,
  endpoint: SimulatedEndpoint,
  requests = 1,
): Promise<void> {
  const { text } = spoken(endpoint.name);
  assert.equal(run.exitCode, 0, `${run.stdout}\n${run.stderr}`);
  assert.equal(run.isError, false);
  assert.equal(run.result, text);
  const said = words(text);
  const heard = run.deltas.slice(-said.length);
  assert.deepEqual(heard, said);
  const asked = seenOn(endpoint, '/v1/messages').at(-1);
  assert.ok(asked !== undefined);
  assert.match(asked.body.toString(), /"stream":true/);
  await asked.closed;
  const records = await rig.records(requests);
  assert.equal(records.length, requests);
  const { isStream, terminal, endpointId, client } = records.at(-1) ?? {};
  assert.deepEqual(
    { isStream, terminal, endpointId, client },
    { isStream: true, terminal: 'ok', endpointId: endpoint.name, client: 'claude-cli/2.1.330' },
  );
}
