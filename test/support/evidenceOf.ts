import { type Evidence, noEvidence } from '../../src/core/outcome/evidence.ts';

/** An endpoint's words as JSON, from the parts that a test cares about. */
export function evidenceOf(
  said: { readonly type?: string | undefined; readonly code?: string | undefined; readonly message?: string } = {},
): Evidence {
  const { type, code, message = '' } = said;
  const codes = [code, type].filter((one) => one !== undefined);
  return { ...noEvidence, type, codes, message, form: 'json' };
}
