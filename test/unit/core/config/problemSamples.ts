import { englishProblems, isBareProblem, type Problem } from '../../../../src/core/config/problem.ts';

const withData: readonly (readonly [Problem, string])[] = [
  [{ code: 'wrongType', type: 'boolean' }, 'must be of type boolean'],
  [{ code: 'misspelt', name: 'baseUrl' }, 'is not a known name: did you mean "baseUrl"?'],
  [{ code: 'notOneOf', values: '"anthropic", "openai"' }, 'must be one of "anthropic", "openai"'],
  [{ code: 'tooShort', limit: 16 }, 'must have at least 16 characters'],
  [{ code: 'tooLong', limit: 80 }, 'must have at most 80 characters'],
  [{ code: 'tooSmall', limit: -1 }, 'must be at least -1'],
  [{ code: 'tooLarge', limit: 65_535 }, 'must be at most 65535'],
  [{ code: 'belowOpenSeconds', limit: 120 }, 'must not be less than breaker.openSeconds (120)'],
  [{ code: 'pointsAtUs', port: 8417 }, 'points at Signalbox itself (port 8417)'],
  [
    { code: 'repeatedId', id: 'first', place: 'endpoints[0]' },
    '"first" is already the id of endpoints[0]; each endpoint needs its own',
  ],
  [{ code: 'unreadableFile', error: 'EACCES' }, 'cannot be read (EACCES)'],
  [{ code: 'portTaken', port: 8417 }, '8417 is used by another program'],
  [{ code: 'portUnavailable', port: 80, error: 'EACCES' }, '80 cannot be used (EACCES)'],
];
const bare = Object.entries(englishProblems).flatMap(([code, text]): [Problem, string][] =>
  isBareProblem(code) ? [[{ code }, text]] : [],
);

/** A problem of each code, and its English. */
export const problemSamples: readonly (readonly [Problem, string])[] = [...withData, ...bare];
