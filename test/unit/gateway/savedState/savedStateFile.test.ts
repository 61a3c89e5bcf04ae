import assert from 'node:assert/strict';
import {
  existsSync,
  mkdirSync,
  mkdtempSync,
  readdirSync,
  readFileSync,
  rmSync,
  statSync,
  writeFileSync,
} from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import fc from 'fast-check';
import type { SavedState } from '../../../../src/contract/savedState.ts';
import { type Reason, told } from '../../../../src/core/outcome/reason.ts';
import { SavedStateFile } from '../../../../src/gateway/savedState/savedStateFile.ts';

const refused: Reason = { code: 'statusAndType', status: 401, type: 'authentication_error' };
const cooldown = {
  ...({ scope: 'key', causedBy: 'billing', isSoft: false, sinceMs: 1, untilMs: 2, quotaUntilMs: null } as const),
  ...told({ code: 'inStream', because: { code: 'status', status: 402 } }),
};
const good: SavedState = {
  version: 1,
  savedAtMs: 1_780_000_000_000,
  endpoints: [
    {
      id: 'first',
      routeMark: 'a',
      keyMark: null,
      enabled: true,
      enabledOverride: null,
      breaker: { state: 'open', consecutiveFailures: 3, level: 1, sinceMs: 1_780_000_000_000 },
      cooldowns: { active: [cooldown], growth: [] },
      suspension: { strikeAtMs: null, current: { ...told(refused), sinceMs: 1, untilMs: 2 } },
      lastFailure: { class: 'transient', reason: '502', atMs: 1_780_000_000_000 },
    },
  ],
  override: null,
  sessions: [['one', 'first', 1, 2, 3, null]],
};

describe('SavedStateFile', () => {
  let folder: string;
  let path: string;
  let isOurs: boolean;
  let said: string[];
  let file: SavedStateFile;

  beforeEach(() => {
    folder = mkdtempSync(join(tmpdir(), 'signalbox-test-'));
    path = join(folder, 'state.json');
    isOurs = true;
    said = [];
    const say = (event: string): void => void said.push(event);
    const logger = { debug: say, info: say, warn: say, error: say };
    file = new SavedStateFile({ folder, logger, isOurs: () => isOurs });
  });
  afterEach(() => rmSync(folder, { recursive: true, force: true }));

  it('gives back what was written, and says nothing where there is none', async () => {
    assert.equal(file.read(), undefined);
    assert.equal(await file.write(JSON.stringify(good)), true);
    assert.deepEqual(file.read(), good);
    assert.deepEqual(readdirSync(folder), ['state.json']);
    assert.equal(statSync(path).mode & 0o777, 0o600);
    assert.deepEqual(said, []);
  });

  it('is not written by a gateway that the folder no longer belongs to', async () => {
    isOurs = false;
    await file.write(JSON.stringify(good));
    assert.deepEqual(readdirSync(folder), []);
  });

  it('never throws whatever is in it: that is set aside', () => {
    const text = JSON.stringify(good);
    const broken = fc.oneof(
      fc.nat(text.length - 1).map((length) => text.slice(0, length)),
      fc.json(),
      fc.string(),
      fc.tuple(fc.nat(text.length - 1), fc.constantFrom('"', '{', '0', ' ')).map(([at, by]) => {
        return text.slice(0, at) + by + text.slice(at + 1);
      }),
      fc.constantFrom(text.replace('"version":1', '"version":2'), text.replace('"open"', '"ajar"')),
      fc.constantFrom(text.replace('1780000000000', '1e999'), text.replace('"502"', `"${'5'.repeat(2000)}"`)),
    );
    const property = fc.property(broken, (content) => {
      writeFileSync(path, content);
      rmSync(`${path}.bad`, { force: true });
      if (file.read() !== undefined) return assert.equal(existsSync(`${path}.bad`), false);
      assert.equal(readFileSync(`${path}.bad`, 'utf8'), Buffer.from(content).toString('utf8'));
      assert.equal(existsSync(path), false);
    });
    fc.assert(property, { numRuns: 300 });
    assert.deepEqual([...new Set(said)], ['state.json cannot be used and is set aside']);
  });

  it('of a later version, of another shape or far too large is not read', () => {
    const huge = JSON.stringify({ ...good, sessions: [['x'.repeat(17 * 1024 * 1024), 'first', 1, 2, 3, null]] });
    for (const content of [
      JSON.stringify({ ...good, version: 2 }),
      JSON.stringify({ ...good, sessions: [['one', 'first', 1, 2, 3]] }),
      JSON.stringify({ ...good, endpoints: {} }),
      'null',
      '[]',
      huge,
    ]) {
      writeFileSync(path, content);
      assert.equal(file.read(), undefined, content.slice(0, 200));
    }
    assert.equal(said.length, 6);
  });

  it('is fresh where a folder is in its place, and tells once that it cannot be written', async () => {
    mkdirSync(join(path, 'in-the-way'), { recursive: true });
    mkdirSync(join(`${path}.bad`, 'too'), { recursive: true });
    assert.equal(file.read(), undefined);
    const before = said.length;
    for (let n = 0; n < 3; n += 1) assert.equal(await file.write(JSON.stringify(good)), false);
    assert.ok(said.length <= before + 1 && said.includes('state.json cannot be written'), said.join());
    rmSync(path, { recursive: true });
    assert.equal(await file.write(JSON.stringify(good)), true);
    assert.equal(said.at(-1), 'state.json is written again');
    assert.deepEqual(file.read(), good);
  });
});
