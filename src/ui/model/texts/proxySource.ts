import type { Snapshot } from '../../../contract/snapshot.ts';
import type { Translate } from '../viewContext.ts';

/** The source of a proxy setting, so that the user can change it; empty without a proxy. */
export function proxySource(from: string | null, { owner }: Pick<Snapshot['gateway'], 'owner'>, t: Translate): string {
  switch (from) {
    case null:
      return '';
    case 'endpoint':
      return t('{0} of the endpoint', 'httpProxy');
    case 'httpProxy':
      return owner === 'window' ? t('the setting {0}', 'signalbox.httpProxy') : t('{0} of its configuration', from);
    case 'http.proxy':
      return t('the setting {0}', from);
    default:
      return t('the environment variable {0}', from);
  }
}
