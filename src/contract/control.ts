import * as z from 'zod';
import { keyCharacters, longestKey } from '../base/apiKey.ts';
import type { Problem } from '../core/config/problem.ts';
import type { Owner, WarmUpResult } from './snapshot.ts';

/** `POST /signalbox/hello`: a window's challenge, before it sends its token. */
export const helloRequest = z.strictObject({ nonce: z.string().min(16).max(128) });

/** The gateway's proof that it holds the control token: HMAC-SHA256(control token, `nonce:port`), in hex. */
export interface HelloAnswer {
  readonly protocol: string;
  readonly build: string;
  readonly pid: number;
  readonly owner: Owner;
  readonly hmac: string;
}

const key = z
  .string()
  .trim()
  .min(1)
  .max(longestKey)
  .regex(keyCharacters, 'holds characters that no key has (a line break, or letters beyond ASCII)');

const keys = z.record(z.string(), key.nullable());
const mark = z.string().min(1).max(64);

/**
 * `PUT /signalbox/keys`: sets keys by endpoint id; null deletes one. Keys are never given back. With `settings`, the mark of
 * the settings that they belong to, they are refused (409) while other settings are in force: an id may then mean another host.
 */
export const keysRequest = z.strictObject({ keys, settings: mark.optional() });

/** `PUT /signalbox/settings`: a window's configuration and keys, in one go; answered like `PUT /signalbox/config`. */
export const settingsRequest = z.strictObject({
  /** The application that sends them, shown in other windows. */
  app: z.string().trim().min(1).max(100),
  config: z.unknown(),
  /** Added to the keys already there; they replace all keys if another application's settings were in force. */
  keys,
  /** The mark of the settings that this application sent last. */
  before: mark.nullable(),
  /** `own`: refused (409) if the settings in force are neither these nor the previous ones of this application. */
  replaces: z.enum(['own', 'any']),
});

export type SettingsRequest = z.output<typeof settingsRequest>;

export interface KeysAnswer {
  readonly changed: readonly string[];
  /** Ids without an endpoint; their keys are kept for an endpoint added later. */
  readonly unknown: readonly string[];
}

/** `PUT /signalbox/config` answers 200 with this, or 422 with `ProblemsAnswer`. */
export interface ConfigAnswer {
  readonly changed: readonly string[];
  readonly notes: readonly string[];
}

export interface ProblemsAnswer {
  readonly problems: readonly {
    readonly path: string;
    readonly message: string;
    /** The same as a code with data; undefined from gateways that know none, and where there is none. */
    readonly why?: Problem | undefined;
    readonly example?: string | undefined;
  }[];
}

/** `POST /signalbox/check`: an endpoint as in the configuration that is not saved yet, and its key. */
export const checkRequest = z.strictObject({
  endpoint: z.unknown(),
  key: z.string().trim().max(longestKey).nullable(),
});

export interface CheckAnswer {
  readonly result: WarmUpResult;
  /** The normalised base URL. */
  readonly baseUrl: string;
  readonly models: readonly string[];
  /** Of an endpoint of the OpenAI API that lacks a format: the one that it has. */
  readonly formats?: readonly ('chat' | 'responses')[];
  /** Of an endpoint of the OpenAI API: whether its base URL answers the Anthropic API too. */
  readonly hasMessages?: boolean;
}

/** `PUT /signalbox/sessions/{id}`. */
export const moveRequest = z.strictObject({ endpointId: z.string() });

/** `PUT /signalbox/override`: one endpoint for everything, for a while. */
export const overrideRequest = z.strictObject({
  endpointId: z.string(),
  minutes: z.number().positive().max(1440).default(30),
});
