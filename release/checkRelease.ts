// Says what a release still needs, as far as that can be said without a network: `npm run release:check`.
import { execFileSync } from 'node:child_process';
import { mkdtempSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import path from 'node:path';
import manifest from '../package.json' with { type: 'json' };
import { root } from './addresses.ts';
import {
  addressChecks,
  changelogCheck,
  filesCheck,
  licencesCheck,
  linksCheck,
  manifestCheck,
  sizeCheck,
} from './releaseChecks.ts';
import { shippedFiles } from './stage.ts';

const folder = mkdtempSync(path.join(tmpdir(), 'signalbox-release-'));
const vsix = path.join(folder, 'package.vsix');
execFileSync(process.execPath, [path.join(import.meta.dirname, 'makePackage.ts'), '--out', vsix], {
  stdio: ['ignore', 'ignore', 'inherit'],
});
const checks = [
  ...addressChecks(),
  changelogCheck(readFileSync(path.join(root, 'CHANGELOG.md'), 'utf8'), manifest.version),
  manifestCheck(),
  filesCheck(await shippedFiles()),
  sizeCheck(vsix),
  linksCheck(),
  licencesCheck(),
];
rmSync(folder, { recursive: true });

for (const { name, problems } of checks) {
  console.log(`${problems.length === 0 ? 'ok' : 'NO'}  ${name}`);
  for (const problem of problems) console.log(`    ${problem}`);
}
const failed = checks.filter(({ problems }) => problems.length > 0).length;
console.log(failed === 0 ? `\n${manifest.version} can be released.` : `\n${failed} of ${checks.length} are missing.`);
process.exitCode = failed === 0 ? 0 : 1;
