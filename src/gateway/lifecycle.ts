import type { HandOverAnswer, HandOverRequest } from '../contract/handOver.ts';

/** Whether another process serves now in place of this one. */
export type HandOverResult =
  | { readonly kind: 'ok'; readonly answer: HandOverAnswer }
  | { readonly kind: 'refused'; readonly status: 409 | 502; readonly message: string };

/** The process around the gateway, as control requests and settings use it: its port, its end, its successor. */
export interface Lifecycle {
  /** A successor has been given settings, keys and state, or is being given them: later changes would be lost. */
  readonly isHandingOver: boolean;
  /** Listens on another port and tells the windows; rejects, and stays on the old port, when that one cannot be had. */
  moveTo(port: number): Promise<void>;
  /** Starts another gateway in place of this one; see `handOverRequest`. Never rejects. */
  handOver(request: HandOverRequest): Promise<HandOverResult>;
  /** Ends the gateway for every window and client; false when a successor serves already. */
  shutdown(): boolean;
}
