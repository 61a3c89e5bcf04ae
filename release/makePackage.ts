// Makes the .vsix: `npm run package [-- --out FILE]`.
import { rmSync } from 'node:fs';
import path from 'node:path';
import { parseArgs } from 'node:util';
import { createVSIX } from '@vscode/vsce';
import manifest from '../package.json' with { type: 'json' };
import { root } from './addresses.ts';
import { stagePackage } from './stage.ts';

const { values } = parseArgs({ options: { out: { type: 'string', short: 'o' } } });
const packagePath = path.resolve(values.out ?? path.join(root, `${manifest.name}-${manifest.version}.vsix`));

const folder = await stagePackage();
try {
  await createVSIX({
    cwd: folder,
    packagePath,
    dependencies: false,
    // The README has its addresses already, and without a repository there are none.
    rewriteRelativeLinks: false,
    allowMissingRepository: true,
  });
} finally {
  rmSync(folder, { recursive: true, force: true });
}
