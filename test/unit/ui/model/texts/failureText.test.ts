import assert from 'node:assert/strict';
import type { GatewayFailure } from '../../../../../src/ui/model/gatewayStatus.ts';
import { failureText, type Remedy, remedyLabel } from '../../../../../src/ui/model/texts/failureText.ts';
import { english, wordless, wordsIn } from '../viewContexts.ts';

const failures: readonly GatewayFailure[] = [
  { kind: 'portTaken', port: 8417 },
  { kind: 'portForbidden', port: 80 },
  { kind: 'stateFolder', problem: { code: 'writableByOthers', path: '/state' } },
  { kind: 'runtimeTooOld', version: '20.9.0' },
  { kind: 'otherProtocol', build: '0.9.0' },
  { kind: 'crashed', detail: 'Error: out of luck' },
];
const text = (failure: GatewayFailure) => failureText(failure, english);

describe('failureText', () => {
  it('names what the failure is about', () => {
    const parts = [
      /8417/,
      /port 80\b.*1023/,
      /\/state can be written by others/,
      /22\.19.*20\.9\.0/,
      /0\.9\.0/,
      /out of luck/,
    ];
    failures.forEach((failure, index) => {
      assert.match(text(failure).message, parts[index] ?? /^$/);
    });
  });

  it('is one or two whole sentences, unlike for each failure', () => {
    const messages = failures.map((failure) => text(failure).message);
    assert.equal(new Set(messages).size, failures.length);
    for (const message of messages) assert.match(message, /^(?:The|This|Port) /);
  });

  it('leads with what most likely helps', () => {
    const first = (failure: GatewayFailure) => text(failure).remedies[0];
    assert.equal(first({ kind: 'portTaken', port: 8417 }), 'choosePort');
    assert.equal(first({ kind: 'portForbidden', port: 80 }), 'choosePort');
    assert.equal(first({ kind: 'otherProtocol', build: '0.9.0' }), 'reloadWindow');
    assert.equal(first({ kind: 'crashed', detail: 'x' }), 'start');
  });

  // interface.md: "Every failure says what happened and what to do, with a button for it."
  it('has a button for each failure', () => {
    for (const failure of failures) assert.ok(text(failure).remedies.length > 0, failure.kind);
  });

  // A process that was killed leaves no last words.
  it('does not break off where there is no detail', () => {
    assert.doesNotMatch(text({ kind: 'crashed', detail: '' }).message, /[:,]\s*$/);
  });

  it('leaves nothing untranslated', () => {
    const details = ['/state', 'Error: out of luck'];
    for (const failure of failures) assert.deepEqual(wordsIn(failureText(failure, wordless).message, ...details), []);
  });
});

describe('remedyLabel', () => {
  it('is short, as on a button, and unlike for each remedy', () => {
    const remedies: readonly Remedy[] = ['choosePort', 'start', 'showLog', 'reloadWindow', 'openSettings', 'restart'];
    const labels = remedies.map((remedy) => remedyLabel(remedy, english));
    assert.equal(new Set(labels).size, remedies.length);
    for (const label of labels) assert.match(label, /^[A-Z][A-Za-z ]{2,20}$/);
    for (const remedy of remedies) assert.equal(remedyLabel(remedy, wordless), '');
  });
});
