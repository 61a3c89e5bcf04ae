import type { FolderProblem } from '../../contract/launch.ts';
import type { Snapshot } from '../../contract/snapshot.ts';
import type { Problem } from '../../core/config/problem.ts';

/** Reasons why no gateway is available. */
export type GatewayFailure =
  /** Another program answers on our port. */
  | { readonly kind: 'portTaken'; readonly port: number }
  | { readonly kind: 'portForbidden'; readonly port: number }
  | { readonly kind: 'stateFolder'; readonly problem: FolderProblem }
  /** The available Node is older than 22.19. */
  | { readonly kind: 'runtimeTooOld'; readonly version: string }
  /** The running gateway speaks another major version of the protocol. */
  | { readonly kind: 'otherProtocol'; readonly build: string }
  | { readonly kind: 'crashed'; readonly detail: string };

/** The state of the gateway as seen from one window. */
export type GatewayStatus =
  | { readonly kind: 'stopped' }
  | { readonly kind: 'starting' }
  | { readonly kind: 'failed'; readonly failure: GatewayFailure }
  | { readonly kind: 'running'; readonly snapshot: Snapshot };

/** Problems of the settings; the gateway keeps using the last valid ones. */
export interface SettingsProblem {
  /** `endpoints[1].baseUrl`. */
  readonly path: string;
  /** In the gateway's English. */
  readonly message: string;
  readonly why?: Problem | undefined;
  /** The gateway ignores this setting; all others are in force. */
  readonly isSkipped?: boolean;
}

/** The gateway runs with the settings of another application; null if it does not name it. */
export interface OtherSettings {
  readonly app: string | null;
  /** Whether it has the same name as ours: then another profile or computer. */
  readonly isSameApp: boolean;
}

/** The current snapshot; undefined without a gateway. */
export function snapshotOf(status: GatewayStatus): Snapshot | undefined {
  return status.kind === 'running' ? status.snapshot : undefined;
}
