import assert from 'node:assert/strict';
import { englishProblems, isBareProblem, problemInEnglish, toldProblem } from '../../../../src/core/config/problem.ts';
import { problemSamples } from './problemSamples.ts';

describe('a problem', () => {
  it('has a sample of each code here', () => {
    const codes = problemSamples.map(([{ code }]) => code);
    assert.deepEqual(codes.sort(), Object.keys(englishProblems).sort());
  });

  it('is worded with its data', () => {
    for (const [problem, english] of problemSamples) {
      assert.equal(problemInEnglish(problem), english);
      assert.deepEqual(toldProblem(problem), { message: english, why: problem });
    }
  });

  it('is named by a text only if it needs no data', () => {
    assert.equal(isBareProblem('notUrl'), true);
    for (const text of ['tooSmall', 'is not a URL', 'constructor', '']) assert.equal(isBareProblem(text), false, text);
  });
});
