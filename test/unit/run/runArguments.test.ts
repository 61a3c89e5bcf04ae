import assert from 'node:assert/strict';
import { readArguments } from '../../run/runArguments.ts';

const known = ['lint', 'unit'];
const read = (...args: string[]) => readArguments(args, known);

describe('the arguments of a run', () => {
  it('are none, steps, or the wish for everything', () => {
    assert.deepEqual(read(), { isLong: false, stepNames: [], changedSince: undefined });
    assert.deepEqual(read('unit', 'lint'), { isLong: false, stepNames: ['unit', 'lint'], changedSince: undefined });
    assert.deepEqual(read('--all', 'unit'), { isLong: true, stepNames: ['unit'], changedSince: undefined });
  });

  it('name the commit since which changes count right behind --changed, or mean main', () => {
    assert.equal(read('--changed').changedSince, 'main');
    assert.equal(read('--changed', 'HEAD~2').changedSince, 'HEAD~2');
    const both = { isLong: false, stepNames: ['unit'] };
    assert.deepEqual(read('--changed', 'unit'), { ...both, changedSince: 'main' });
    assert.deepEqual(read('--changed', 'HEAD', 'unit'), { ...both, changedSince: 'HEAD' });
  });

  it('are refused when they name nothing that exists', () => {
    assert.throws(() => read('untit'), /unknown step: untit; there are lint, unit/);
    assert.throws(() => read('--al'), /--al/);
  });
});
