import type { OtherSettings } from '../gatewayStatus.ts';
import type { Translate } from '../viewContext.ts';

/** A sentence that names the application whose settings are in force. */
export function otherSettingsText({ app, isSameApp }: OtherSettings, t: Translate): string {
  if (app === null) return t('The gateway runs with settings from another program, not with yours.');
  return isSameApp
    ? t('The gateway runs with the settings of another {0} (another profile or computer), not with yours.', app)
    : t('The gateway runs with the settings of {0}, not with yours.', app);
}
