import type { Snapshot } from '../../../contract/snapshot.ts';
import type { ViewContext } from '../viewContext.ts';
import { proxySource } from './proxySource.ts';
import { reasonText } from './reasonText.ts';

/** Trouble of this machine in a sentence with a remedy; empty without trouble. */
export function networkText(gateway: Snapshot['gateway'], { t, timeOfDay }: ViewContext): string {
  const { network } = gateway;
  if (network === null) return '';
  const since = timeOfDay(network.sinceMs);
  const reason = reasonText(network, t);
  const source = proxySource(network.proxyFrom ?? 'httpProxy', gateway, t);
  return network.kind === 'proxy'
    ? t('Since {0}: {1}. Check that proxy, or {2}.', since, reason, source)
    : t('Since {0}: {1}. No endpoint is blamed; all goes on as soon as the network is back.', since, reason);
}
