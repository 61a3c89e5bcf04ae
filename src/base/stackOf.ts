/** The trace of an error, or any other thrown value as text. Never throws, whatever was thrown. */
export function stackOf(thrown: unknown): string {
  try {
    return thrown instanceof Error ? (thrown.stack ?? thrown.message) : String(thrown);
  } catch {
    return 'something that has no text';
  }
}
