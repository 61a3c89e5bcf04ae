import type { AttemptResult } from '../../core/outcome/outcome.ts';
import type { Attempt } from './attempt.ts';

/** The complete body of an answer, or why there is none: it broke, or it is larger than `limitBytes`. */
export function collectBody(attempt: Attempt, limitBytes: number): Promise<Buffer | AttemptResult> {
  return new Promise((resolve) => {
    const chunks: Buffer[] = [];
    let length = 0;
    attempt.pipe({
      data: (chunk) => {
        length += chunk.length;
        if (length > limitBytes) attempt.abort({ kind: 'malformed', reason: { code: 'bodyTooLarge' } });
        else chunks.push(chunk);
      },
      end: () => resolve(Buffer.concat(chunks)),
      failed: resolve,
    });
  });
}
