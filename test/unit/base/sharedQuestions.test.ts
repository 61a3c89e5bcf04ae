import assert from 'node:assert/strict';
import { SharedQuestions } from '../../../src/base/sharedQuestions.ts';

describe('SharedQuestions', () => {
  it('asks once for all who ask at the same time, and again afterwards', async () => {
    const questions = new SharedQuestions<string, number>();
    let asked = 0;
    const question = async (): Promise<number> => {
      asked += 1;
      await new Promise((resolve) => setImmediate(resolve));
      return asked;
    };
    const ask = (key: string): Promise<number> => questions.ask(key, question);
    assert.deepEqual(await Promise.all([ask('a'), ask('a'), ask('a')]), [1, 1, 1]);
    assert.deepEqual(await Promise.all([ask('a'), ask('b')]), [3, 3]);
  });

  it('gives all of them the same failure, and asks again after it', async () => {
    const questions = new SharedQuestions<string, number>();
    const failing = [1, 2, 3].map(() => questions.ask('a', () => Promise.reject(new Error('no'))));
    for (const one of failing) await assert.rejects(one, /no/);
    assert.equal(await questions.ask('a', () => Promise.resolve(7)), 7);
  });
});
