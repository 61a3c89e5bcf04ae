import type { SseFrame } from '../../sseFrames.ts';
import type { Delta } from '../form/delta.ts';

/** Receives the deltas of an answer, in order. */
export type DeltaSink = (delta: Delta) => void;

/** Follows the answer of an endpoint in its format, a stream or a whole body, and tells it as deltas; one answer long. */
export interface AnswerReader {
  /** Takes an event of a stream. */
  read(frame: SseFrame): void;
  /** Takes a whole answer, parsed; `finish` follows. */
  readWhole(answer: unknown): void;
  /**
   * The answer is complete if it ends here: the endpoint gave its reason to stop, and no content came after that. Whether
   * all calls are whole is known after `finish`.
   */
  readonly canEnd: boolean;
  /** The endpoint has ended its answer. */
  readonly isComplete: boolean;
  /** Tells the end of an answer that `canEnd`: open calls, stop reason, usage, `end`, or an error. Later calls do nothing. */
  finish(): void;
}
