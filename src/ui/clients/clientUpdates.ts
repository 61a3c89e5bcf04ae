import type { StateFiles } from '../link/stateFiles.ts';
import { clientMark } from '../model/clients/clientMark.ts';
import { type GatewayStatus, snapshotOf } from '../model/gatewayStatus.ts';
import type { ClaudeCode } from './claudeCode.ts';
import type { TerminalEnvironment } from './terminalEnvironment.ts';

export interface ClientUpdatesOptions {
  readonly state: Pick<StateFiles, 'clientToken'>;
  readonly terminals: Pick<TerminalEnvironment, 'update' | 'baseUrl'>;
  readonly claudeCode: Pick<ClaudeCode, 'renew' | 'tellIfElsewhere'>;
  readonly onError: (error: unknown) => void;
}

/**
 * Keeps terminals and Claude Code informed of where the gateway is. That reads files, so it is done when something changes
 * that concerns clients, and not with each event of the gateway.
 */
export class ClientUpdates {
  readonly #options: ClientUpdatesOptions;
  #mark: string | undefined;

  constructor(options: ClientUpdatesOptions) {
    this.#options = options;
  }

  /** To be called with each status: updates clients if it differs from the last one in what concerns them. */
  look(status: GatewayStatus): void {
    if (clientMark(status) !== this.#mark) this.update(status);
  }

  /** To be called when settings or files may have changed: updates clients in any case. */
  update(status: GatewayStatus): void {
    const { state, terminals, claudeCode, onError } = this.#options;
    const gateway = snapshotOf(status)?.gateway;
    const token = gateway === undefined ? undefined : state.clientToken(gateway.clientToken);
    const isUnreadable = gateway?.clientToken === 'ours' && token === undefined;
    // A token that cannot be read now is tried again with the next event.
    this.#mark = isUnreadable ? undefined : clientMark(status);
    terminals.update(status, token);
    if (gateway?.hasConfig === true && token !== undefined) claudeCode.renew(gateway.url, token).catch(onError);
    if (terminals.baseUrl !== undefined) claudeCode.tellIfElsewhere(terminals.baseUrl);
  }
}
