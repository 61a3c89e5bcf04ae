import assert from 'node:assert/strict';
import { readFileSync } from 'node:fs';
import { join } from 'node:path';

const root = join(import.meta.dirname, '../..');

describe('the first steps in a clone', () => {
  it('B3: `npm ci` prints no warning about the Node of tools, which run with another one than npm', () => {
    assert.match(readFileSync(join(root, '.npmrc'), 'utf8'), /^loglevel=error$/m);
  });

  it('C12: the configuration file that the README names is not committed by accident', () => {
    assert.match(readFileSync(join(root, 'README.md'), 'utf8'), /--config signalbox\.json/);
    assert.match(readFileSync(join(root, '.gitignore'), 'utf8'), /^signalbox\.json$/m);
  });
});
