import { z } from 'zod';

/**
 * `POST /signalbox/handover`: start this program in your place and let it have the port, without refusing a connection or
 * cutting a stream (architecture.md, Processes). Answered when the new gateway serves. Older gateways must understand it
 * whatever the protocol: a newer window asks before it knows more of them than `hello` tells.
 */
export const handOverRequest = z.object({
  /** The gateway that is meant: who asks may have seen another one than the one that hears it. */
  pid: z.number(),
  /** The Node to run it with, and the file that it runs. */
  runtime: z.string().min(1),
  program: z.string().min(1),
  /** Of the window; filtered once more. */
  env: z.record(z.string(), z.string()),
});
export type HandOverRequest = z.output<typeof handOverRequest>;

/** The new gateway. */
export interface HandOverAnswer {
  readonly pid: number;
}

/** The flag that tells a gateway to take the port over from the one that has started it. */
export const takeOverFlag = '--take-over';

/** What a new gateway is sent over the IPC channel, with the listening socket. Gateways of other builds must read it. */
export const inheritanceMessage = z.object({
  event: z.literal('inherit'),
  /** As a window brought it; null when none has so far. */
  config: z.unknown(),
  /** Whose that is; null when nobody said. */
  app: z.string().nullable().default(null),
  /** By endpoint id. */
  keys: z.record(z.string(), z.string()),
});
export type InheritanceMessage = z.output<typeof inheritanceMessage>;
