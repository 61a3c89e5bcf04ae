import * as z from 'zod';

/**
 * `POST /signalbox/handover`: start this program in your place and let it have the port, without refusing a connection or
 * cutting a stream (architecture.md, Processes). Answered when the new gateway serves. Older gateways must understand it
 * whatever the protocol: a newer window asks before it knows more of them than `hello` tells.
 */
export const handOverRequest = z.object({
  /** The gateway that is to be replaced; another one may have taken the port since the window looked. */
  pid: z.number(),
  /** The Node binary, and the program file. */
  runtime: z.string().min(1),
  program: z.string().min(1),
  /** The environment of the window; filtered again. */
  env: z.record(z.string(), z.string()),
});
export type HandOverRequest = z.output<typeof handOverRequest>;

/** The new gateway. */
export interface HandOverAnswer {
  readonly pid: number;
}

/** The flag with which a gateway takes the port over from its parent. */
export const takeOverFlag = '--take-over';

/** Sent to a new gateway over the IPC channel with the listening socket. Gateways of other builds must read it. */
export const inheritanceMessage = z.object({
  event: z.literal('inherit'),
  /** The configuration of a window; null before the first one. */
  config: z.unknown(),
  /** The application it came from; null if unknown. */
  app: z.string().nullable().default(null),
  /** By endpoint id. */
  keys: z.record(z.string(), z.string()),
});
export type InheritanceMessage = z.output<typeof inheritanceMessage>;
