import type { Snapshot } from '../../contract/snapshot.ts';
import { reasonText } from './reasonText.ts';
import type { ViewContext } from './viewContext.ts';

/** Trouble of this machine in a sentence, and what there is to do; empty when there is none. */
export function networkText({ network }: Snapshot['gateway'], { t, timeOfDay }: ViewContext): string {
  if (network === null) return '';
  const since = timeOfDay(network.sinceMs);
  const reason = reasonText(network.reason, t);
  return network.kind === 'proxy'
    ? t('Since {0}: {1}. Check the proxy, or the setting signalbox.httpProxy.', since, reason)
    : t('Since {0}: {1}. No endpoint is blamed; all goes on as soon as the network is back.', since, reason);
}
