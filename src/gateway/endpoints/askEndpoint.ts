import type { Clock } from '../../base/clock.ts';
import type { Redact } from '../../base/redactor.ts';
import type { WarmUpResult } from '../../contract/snapshot.ts';
import { classify } from '../../core/outcome/classify.ts';
import type { OutcomeClass } from '../../core/outcome/outcome.ts';
import { redactedReason, told } from '../../core/outcome/reason.ts';
import { isModelList, type ProbeResult, type ProbeTarget, probeEndpoint } from '../../proxy/upstream/probe.ts';

const withinMs = 10_000;

/** How an endpoint is asked. */
export interface Asking {
  readonly clock: Clock;
  /** Our entry in `via`. */
  readonly via: string;
  /** Applied to the endpoint's words in the result. */
  readonly redact: Redact;
  /** The setting that names the network proxy of the pool; undefined without one. */
  readonly proxyFrom: string | undefined;
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
export async function askEndpoint(target: ProbeTarget, { clock, via, redact, proxyFrom }: Asking): Promise<Asked> {
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
    proxyFrom,
  });
  const isReachable = probe.status !== undefined && outcome.class !== 'badResponse';
  const key = isReachable ? keyVerdict(probe, outcome.class) : 'unknown';
  // An endpoint may have no model list, which is what is asked for, or not for this key.
  const isGood = isReachable && key !== 'refused' && ['success', 'request', 'auth'].includes(outcome.class);
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

/** A key may work and lack the right to list models; and a 2xx proves it only where it is the list. */
function keyVerdict({ status = 0, result, body }: ProbeResult, name: OutcomeClass): WarmUpResult['key'] {
  if (result.kind === 'success') return body !== undefined && isModelList(body) ? 'ok' : 'unknown';
  const isAboutTheList = result.kind === 'response' && result.error.type === 'permission_error';
  if (name === 'auth') return isAboutTheList ? 'unknown' : 'refused';
  return status === 404 || status === 405 ? 'notSupported' : 'unknown';
}
