import type { WarmUpResult } from '../../../contract/snapshot.ts';
import type { Translate } from '../viewContext.ts';
import { latencyText } from './durationText.ts';
import { listText } from './listText.ts';
import { reasonText } from './reasonText.ts';

/** The result of a check, bad news first: `connected in 12 ms, key accepted`, `key refused: 401, connected in 12 ms`. */
export function warmUpText(result: WarmUpResult, t: Translate): string {
  if (!result.isReachable) return reasonText(result, t);
  const { connectMs, firstByteMs } = result;
  const times = [
    connectMs === null ? t('connection was open') : t('connected in {0}', latencyText(connectMs, t)),
    ...(firstByteMs === null ? [] : [t('answered in {0}', latencyText(firstByteMs, t))]),
  ];
  const said = keyText(result, t);
  const isBad = result.key === 'refused' || (result.key === 'unknown' && result.class !== 'success');
  const parts = isBad ? [said, ...times] : [...times, said];
  return listText(parts, t);
}

function keyText(result: WarmUpResult, t: Translate): string {
  switch (result.key) {
    case 'ok':
      return t('key accepted');
    case 'refused':
      return t('key refused: {0}', reasonText(result, t));
    case 'notSupported':
      return t('key cannot be checked there');
    default:
      return result.class === 'success' ? '' : reasonText(result, t);
  }
}

/** Why an endpoint should not be saved as it is. */
export interface Verdict {
  /** The verdict alone, as a title: `Key refused (401)`. */
  readonly title: string;
  /** Further observations; empty if the title says all. */
  readonly detail: string;
  /** The input that most likely has to be changed; undefined where trying again may do. */
  readonly wrong: 'key' | 'address' | undefined;
}

/** The verdict on the check of an address; undefined if the endpoint answers and does not refuse the key. */
export function verdictOf(result: WarmUpResult, baseUrl: string, t: Translate): Verdict | undefined {
  const host = URL.parse(baseUrl)?.host ?? baseUrl;
  if (!result.isReachable) {
    return { title: t('{0} ({1})', capitalised(reasonText(result, t)), host), detail: '', wrong: undefined };
  }
  if (result.key !== 'refused') return undefined;
  const status = statusOf(result.why);
  const title = status === undefined ? t('Key refused') : t('Key refused ({0})', status);
  return { title, detail: t('{0}: {1}', host, warmUpText(result, t)), wrong: 'key' };
}

function statusOf(why: WarmUpResult['why']): number | undefined {
  const status = why !== undefined && 'status' in why ? why.status : undefined;
  return typeof status === 'number' ? status : undefined;
}

/** As at the beginning of a sentence. */
export function capitalised(text: string): string {
  return text.charAt(0).toUpperCase() + text.slice(1);
}
