import assert from 'node:assert/strict';
import type { OtherSettings } from '../../../../../src/ui/model/gatewayStatus.ts';
import { otherSettingsText } from '../../../../../src/ui/model/texts/otherSettingsText.ts';
import { endpointTree } from '../../../../../src/ui/model/trees/endpointTree.ts';
import { statusItem } from '../../../../../src/ui/model/trees/statusBarText.ts';
import { statusTooltip } from '../../../../../src/ui/model/trees/statusTooltip.ts';
import { endpointSnapshot, snapshot } from '../snapshotParts.ts';
import { hostileTexts, liveMarks } from '../trees/liveMarkdown.ts';
import { english, englishContext, wordless, wordsIn } from '../viewContexts.ts';

const others: readonly OtherSettings[] = [
  { app: 'Visual Studio Code', isSameApp: false },
  { app: 'Visual Studio Code', isSameApp: true },
  { app: null, isSameApp: false },
];
const [other = others[0]] = others;
const given = snapshot({ endpoints: [endpointSnapshot({ state: 'keyMissing', hasKey: false })] });

describe('the settings of another application', () => {
  it('are told with its name, or that it is another one of the same name', () => {
    const [one = '', same = '', unknown = ''] = others.map((it) => otherSettingsText(it, english));
    assert.match(one, /the settings of Visual Studio Code, not with yours/);
    assert.match(same, /another Visual Studio Code \(another profile or computer\)/);
    assert.match(unknown, /another program/);
    for (const it of others) assert.deepEqual(wordsIn(otherSettingsText(it, wordless), 'Visual Studio Code'), []);
  });

  it('are in the tooltip with a way to use ours, and in what a screen reader says, but are no alarm', () => {
    const context = { ...englishContext(), otherSettings: other };
    const tooltip = statusTooltip(given, [], context);
    assert.match(tooltip, /Visual Studio Code.*\[Use Mine\]\(command:signalbox\.useMySettings\)/);
    const usable = snapshot({ endpoints: [endpointSnapshot()] });
    const item = statusItem({ kind: 'running', snapshot: usable }, [], context);
    assert.equal(item.severity, 'none');
    assert.match(item.accessibilityLabel, /the settings of Visual Studio Code/);
    assert.doesNotMatch(statusTooltip(given, [], englishContext()), /useMySettings/);
  });

  it('let nothing of ours be edited or set at endpoints that are not ours', () => {
    const context = { ...englishContext(), otherSettings: other };
    assert.match(endpointTree(given, context)[0]?.contextValue ?? '', /foreign/);
    assert.match(endpointTree(given, englishContext())[0]?.contextValue ?? '', /ours/);
    assert.doesNotMatch(statusTooltip(given, [], context), /setApiKey/);
    assert.match(statusTooltip(given, [], englishContext()), /setApiKey/);
  });

  it('have a name that is words only', () => {
    const marks = (app: string) =>
      liveMarks(statusTooltip(given, [], { ...englishContext(), otherSettings: { app, isSameApp: false } }));
    for (const hostile of hostileTexts) assert.equal(marks(hostile), marks('Code'), hostile);
  });
});
