import type { Clock } from '../../base/clock.ts';
import type { Redact } from '../../base/redactor.ts';
import type { WarmUpResult } from '../../contract/snapshot.ts';
import { classify } from '../../core/outcome/classify.ts';
import { redactedReason, told } from '../../core/outcome/reason.ts';
import { type ProbeResult, type ProbeTarget, probeEndpoint } from '../../proxy/upstream/probe.ts';

const withinMs = 10_000;

/** How an endpoint is asked. */
export interface Asking {
  readonly clock: Clock;
  /** Our entry in `via`. */
  readonly via: string;
  /** Applied to the endpoint's words in the result. */
  readonly redact: Redact;
}

/** An endpoint's answer to a request for its model list. */
export interface Asked {
  readonly result: WarmUpResult;
  /** The list, where the endpoint gave one. */
  readonly body: Buffer | undefined;
}

/**
 * Opens a connection to an endpoint in the given pool and checks its key, without spending a token (behaviour.md §7). A
 * failure, or no answer within 10 s, is a classified result; never rejects.
 */
export async function askEndpoint(target: ProbeTarget, { clock, via, redact }: Asking): Promise<Asked> {
  const probe = await probeEndpoint(target, withinMs, via);
  const now = clock.now();
  const outcome = classify(probe.result, {
    endpointId: target.config.id,
    host: new URL(target.config.baseUrl).hostname,
    sentModel: undefined,
    path: undefined,
    wallMs: now.wall,
    isOffline: false,
    rules: [],
  });
  const isReachable = probe.status !== undefined && outcome.class !== 'badResponse';
  const key = isReachable ? keyVerdict(probe) : 'unknown';
  // An endpoint may have no model list, which is what is asked for.
  const isGood = isReachable && key !== 'refused' && (outcome.class === 'success' || outcome.class === 'request');
  const result = {
    endpointId: target.config.id,
    atMs: now.wall,
    isGood,
    isReachable,
    key,
    connectMs: probe.connectMs ?? null,
    firstByteMs: probe.firstByteMs ?? null,
    class: outcome.class,
    ...told(redactedReason(outcome.reason, redact)),
  } as const;
  return { result, body: result.key === 'ok' ? probe.body : undefined };
}

function keyVerdict({ status = 0 }: ProbeResult): WarmUpResult['key'] {
  if (status >= 200 && status <= 299) return 'ok';
  if (status === 401 || status === 403) return 'refused';
  return status === 404 || status === 405 ? 'notSupported' : 'unknown';
}
