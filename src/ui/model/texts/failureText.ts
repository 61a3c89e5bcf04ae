import type { PageCommand } from '../../../contract/dashboard.ts';
import type { GatewayFailure } from '../gatewayStatus.ts';
import type { Translate } from '../viewContext.ts';
import { folderText } from './folderText.ts';

/** Remedies for a failure, offered as buttons. */
export type Remedy = Extract<
  PageCommand,
  'choosePort' | 'start' | 'showLog' | 'reloadWindow' | 'openSettings' | 'restart'
>;

/** The message of a failure with its remedies. */
export interface FailureText {
  readonly message: string;
  readonly remedies: readonly Remedy[];
}

/** The message for a failure of the gateway. */
export function failureText(failure: GatewayFailure, t: Translate): FailureText {
  switch (failure.kind) {
    case 'portTaken':
      return {
        message: t('Port {0} is used by another program, so the gateway cannot start there.', failure.port),
        remedies: ['choosePort', 'start'],
      };
    case 'portForbidden':
      return {
        message: t('This account may not use port {0}. Choose one above 1023.', failure.port),
        remedies: ['choosePort'],
      };
    case 'stateFolder':
      return {
        message: t('The gateway cannot use its state folder: {0}', folderText(failure.problem, t)),
        remedies: ['start', 'showLog'],
      };
    case 'runtimeTooOld':
      return {
        message: t(
          'The gateway needs Node.js 22.19 or newer, but this VS Code includes {0}. Update VS Code (on the remote side too).',
          failure.version,
        ),
        remedies: ['reloadWindow'],
      };
    case 'otherProtocol':
      return {
        message: t(
          'The running gateway ({0}) has another version. Reload the window to use the new extension, or restart the gateway.',
          failure.build,
        ),
        remedies: ['reloadWindow', 'restart'],
      };
    case 'crashed':
      return {
        message:
          failure.detail === ''
            ? t('The gateway ended unexpectedly.')
            : t('The gateway ended unexpectedly: {0}', failure.detail),
        remedies: ['start', 'showLog'],
      };
    default:
      return failure satisfies never;
  }
}

/** The label of a remedy's button. */
export function remedyLabel(remedy: Remedy, t: Translate): string {
  switch (remedy) {
    case 'choosePort':
      return t('Use Another Port');
    case 'start':
      return t('Try Again');
    case 'showLog':
      return t('Show Log');
    case 'reloadWindow':
      return t('Reload Window');
    case 'openSettings':
      return t('Open Settings');
    case 'restart':
      return t('Restart Gateway');
    default:
      return remedy satisfies never;
  }
}
