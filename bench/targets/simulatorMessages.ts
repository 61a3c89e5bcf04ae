/** How a simulated endpoint answers a POST. */
export interface AnswerPlan {
  /** 0: one small JSON answer. Else a stream with that many text deltas. */
  readonly deltas: number;
  /** Between two deltas; 0 sends the whole stream in one write. */
  readonly intervalMs: number;
  /** Before the first byte. */
  readonly delayMs: number;
}

export const jsonPlan: AnswerPlan = { deltas: 0, intervalMs: 0, delayMs: 0 };

/** `refused` closes the listener and every connection, as the end of a process does; it cannot be taken back. */
export type Fault = 'none' | 'refused' | 'reset' | '500' | '529' | '429';

/** The requests that a simulated endpoint has received. */
export interface Counts {
  readonly connections: number;
  /** POSTs that arrived completely. */
  readonly requests: number;
  /** Those among them that carried the endpoint's own key and no client token. */
  readonly keyedRequests: number;
}

export type SimulatorCommand =
  | { readonly kind: 'open'; readonly plan: AnswerPlan }
  | { readonly kind: 'plan'; readonly port: number; readonly plan: AnswerPlan }
  | { readonly kind: 'fault'; readonly port: number; readonly fault: Fault }
  | { readonly kind: 'counts'; readonly port: number }
  | { readonly kind: 'close'; readonly port: number };

/** Every command gets one reply: the port it was about and what that endpoint has seen. */
export interface SimulatorReply {
  readonly id: number;
  readonly port: number;
  readonly counts: Counts;
}

/** The key that a target puts in the place of the client's token. */
export const upstreamKey = 'bench-upstream-key-0123456789';
export const clientToken = 'bench-client-token-0123456789';
