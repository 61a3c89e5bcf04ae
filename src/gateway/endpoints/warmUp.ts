import type { Clock } from '../../base/clock.ts';
import type { Redact } from '../../base/redactor.ts';
import type { WarmUpResult } from '../../contract/snapshot.ts';
import { classify } from '../../core/outcome/classify.ts';
import { redactedReason, told } from '../../core/outcome/reason.ts';
import { type ProbeResult, type ProbeTarget, probeEndpoint } from '../../proxy/upstream/probe.ts';

const warmUpWithinMs = 10_000;

/**
 * Opens a connection to an endpoint in its real pool and checks its key, without a token (behaviour.md §7). A failure is
 * a classified result, not an exception. The endpoint's words in it are redacted.
 */
export async function warmUp(target: ProbeTarget, clock: Clock, via: string, redact: Redact): Promise<WarmUpResult> {
  const probe = await probeEndpoint(target, warmUpWithinMs, via);
  const now = clock.now();
  const context = { endpointId: target.config.id, sentModel: undefined, wallMs: now.wall, isOffline: false, rules: [] };
  const outcome = classify(probe.result, context);
  const isReachable = probe.status !== undefined && outcome.class !== 'badResponse';
  return {
    endpointId: target.config.id,
    atMs: now.wall,
    isReachable,
    key: isReachable ? keyVerdict(probe) : 'unknown',
    connectMs: probe.connectMs ?? null,
    firstByteMs: probe.firstByteMs ?? null,
    class: outcome.class,
    ...told(redactedReason(outcome.reason, redact)),
  };
}

function keyVerdict({ status = 0 }: ProbeResult): WarmUpResult['key'] {
  if (status >= 200 && status <= 299) return 'ok';
  if (status === 401 || status === 403) return 'refused';
  return status === 404 || status === 405 ? 'notSupported' : 'unknown';
}
