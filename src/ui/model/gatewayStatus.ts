import type { Snapshot } from '../../contract/snapshot.ts';

/** Why no gateway is at our service. */
export type GatewayFailure =
  /** Another program answers on our port. */
  | { readonly kind: 'portTaken'; readonly port: number }
  | { readonly kind: 'portForbidden'; readonly port: number }
  /** `detail` says what is wrong with the folder. */
  | { readonly kind: 'stateFolder'; readonly detail: string }
  /** The Node that would run it is older than 22.19. */
  | { readonly kind: 'runtimeTooOld'; readonly version: string }
  /** The gateway that runs speaks another major version of the protocol. */
  | { readonly kind: 'otherProtocol'; readonly build: string }
  | { readonly kind: 'crashed'; readonly detail: string };

/** How the gateway stands, as seen from one window. */
export type GatewayStatus =
  | { readonly kind: 'stopped' }
  | { readonly kind: 'starting' }
  | { readonly kind: 'failed'; readonly failure: GatewayFailure }
  | { readonly kind: 'running'; readonly snapshot: Snapshot };

/** What is wrong with the settings: the gateway goes on with the last good ones. */
export interface SettingsProblem {
  /** `endpoints[1].baseUrl`. */
  readonly path: string;
  readonly message: string;
  /** All but this is in force: the gateway does without it. */
  readonly isSkipped?: boolean;
}

/** The gateway runs with the settings of another application; null: it does not say which. */
export interface OtherSettings {
  readonly app: string | null;
  /** Whether that is the same as ours: another profile then, or another computer. */
  readonly isSameApp: boolean;
}

/** The snapshot, while there is a gateway. */
export function snapshotOf(status: GatewayStatus): Snapshot | undefined {
  return status.kind === 'running' ? status.snapshot : undefined;
}
