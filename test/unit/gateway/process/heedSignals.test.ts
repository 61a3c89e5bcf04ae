import assert from 'node:assert/strict';
import { EventEmitter } from 'node:events';
import { endingText, heedSignals } from '../../../../src/gateway/process/heedSignals.ts';

/** The actions that these signals cause, in their order. */
function actionsOn(signals: readonly NodeJS.Signals[], hasTerminal: boolean): readonly string[] {
  const source = new EventEmitter();
  const actions: string[] = [];
  heedSignals(source, hasTerminal, {
    end: (signal) => actions.push(`end by ${signal}`),
    endNow: () => actions.push('end now'),
    readAgain: () => actions.push('read again'),
  });
  for (const signal of signals) source.emit(signal, signal);
  return actions;
}

describe('heedSignals', () => {
  it('drains on the first SIGINT or SIGTERM and ends at once on the second', () => {
    for (const hasTerminal of [true, false]) {
      assert.deepEqual(actionsOn(['SIGINT'], hasTerminal), ['end by SIGINT']);
      assert.deepEqual(actionsOn(['SIGTERM', 'SIGINT'], hasTerminal), ['end by SIGTERM', 'end now']);
    }
  });

  it('C5: a closing terminal drains, however often it sends SIGHUP', () => {
    assert.deepEqual(actionsOn(['SIGHUP', 'SIGHUP', 'SIGHUP'], true), ['end by SIGHUP']);
    assert.deepEqual(actionsOn(['SIGINT', 'SIGHUP'], true), ['end by SIGINT']);
    assert.deepEqual(actionsOn(['SIGHUP', 'SIGTERM'], true), ['end by SIGHUP', 'end now']);
  });

  it('C5: without a terminal SIGHUP reads the configuration again, until the gateway ends', () => {
    assert.deepEqual(actionsOn(['SIGHUP', 'SIGHUP'], false), ['read again', 'read again']);
    assert.deepEqual(actionsOn(['SIGTERM', 'SIGHUP'], false), ['end by SIGTERM']);
  });
});

describe('endingText', () => {
  it('C10: says what is waited for, and how to end at once', () => {
    assert.equal(
      endingText('SIGINT', 1),
      '1 answer is still running and may finish. Press Ctrl-C again to stop at once.\n',
    );
    assert.match(endingText('SIGINT', 3) ?? '', /^3 answers are still running/);
    assert.match(endingText('SIGTERM', 1) ?? '', /Send SIGTERM again to stop at once/);
  });

  it('says nothing where nothing is waited for, or no one reads it any more', () => {
    assert.equal(endingText('SIGINT', 0), undefined);
    assert.equal(endingText('SIGHUP', 2), undefined);
  });
});
