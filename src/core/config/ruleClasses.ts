/** The classes of behaviour.md §2 that user rules can assign. */
export const ruleClasses = [
  'badResponse',
  'overloaded',
  'billing',
  'rateLimit',
  'model',
  'auth',
  'transient',
  'request',
  'unknown',
] as const;
