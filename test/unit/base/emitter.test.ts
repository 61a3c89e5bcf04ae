import assert from 'node:assert/strict';
import { Emitter } from '../../../src/base/emitter.ts';

const unexpected = (error: unknown) => assert.fail(String(error));

describe('Emitter', () => {
  it('tells every listener, in order, until it is disposed of', () => {
    const emitter = new Emitter<number>(unexpected);
    const heard: string[] = [];
    const first = emitter.on((value) => heard.push(`first ${value}`));
    emitter.on((value) => heard.push(`second ${value}`));
    emitter.emit(1);
    first.dispose();
    first.dispose();
    emitter.emit(2);
    assert.deepEqual(heard, ['first 1', 'second 1', 'second 2']);
  });

  it('knows whether anybody listens', () => {
    const emitter = new Emitter<void>(unexpected);
    assert.equal(emitter.hasListeners, false);
    const listening = emitter.on(() => undefined);
    assert.equal(emitter.hasListeners, true);
    listening.dispose();
    assert.equal(emitter.hasListeners, false);
    emitter.emit();
  });

  it('lets the others hear when one throws, and tells of the error', () => {
    const errors: unknown[] = [];
    const emitter = new Emitter<string>((error) => errors.push(error));
    const heard: string[] = [];
    const failure = new Error('broken listener');
    emitter.on(() => {
      throw failure;
    });
    emitter.on((value) => heard.push(value));
    emitter.emit('a');
    assert.deepEqual(heard, ['a']);
    assert.deepEqual(errors, [failure]);
  });

  it('does not tell one that has stopped listening in the meantime', () => {
    const emitter = new Emitter<number>(unexpected);
    const heard: number[] = [];
    emitter.on(() => second.dispose());
    const second = emitter.on((value) => heard.push(value));
    emitter.emit(1);
    assert.deepEqual(heard, []);
  });
});
