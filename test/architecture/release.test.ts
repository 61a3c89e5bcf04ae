import assert from 'node:assert/strict';
import { readFileSync } from 'node:fs';
import path from 'node:path';
import { addresses, root, webPlaces } from '../../release/addresses.ts';
import { packagedReadme } from '../../release/packagedReadme.ts';
import {
  addressChecks,
  changelogCheck,
  filesCheck,
  licencesCheck,
  linksCheck,
  manifestCheck,
} from '../../release/releaseChecks.ts';
import { shippedFiles, shippedManifest } from '../../release/stage.ts';

const readme = readFileSync(path.join(root, 'README.md'), 'utf8');
const owned = { publisher: 'acme', repository: 'https://example.com/acme/signalbox' };

/** The targets of pictures and links that are neither on the web nor within the page. */
function relativeTargets(text: string): string[] {
  return [...text.matchAll(/\]\((?!https?:|#)([^)]+)\)/g)].map(([, target = '']) => target);
}

describe('the page of the extension', () => {
  it('B2: has no picture and no link that leads nowhere while there is no repository', () => {
    const text = packagedReadme(readme, webPlaces({ publisher: '', repository: '' }, '1.2.3', ''));
    assert.deepEqual(relativeTargets(text), []);
    assert.doesNotMatch(text, /!\[/);
    assert.match(text, /^- Settings, and how costs are calculated$/m);
    assert.match(text, /^# Signalbox\n/);
  });

  it('B2: has pictures and links at the repository, in the version of the package', () => {
    const text = packagedReadme(readme, webPlaces(owned, '1.2.3', ''));
    assert.deepEqual(relativeTargets(text), []);
    assert.match(text, /!\[[^\]]+\]\(https:\/\/example\.com\/acme\/signalbox\/raw\/v1\.2\.3\/media\/screenshots\//);
    assert.match(text, /\(https:\/\/example\.com\/acme\/signalbox\/blob\/v1\.2\.3\/docs\/settings\.md\)/);
  });

  it('B2: has its pictures where SIGNALBOX_IMAGES_URL says', () => {
    const text = packagedReadme(readme, webPlaces(owned, '1.2.3', 'https://pictures.example.com'));
    assert.match(text, /!\[[^\]]+\]\(https:\/\/pictures\.example\.com\/media\/screenshots\//);
  });
});

describe('a release', () => {
  it('asks for publisher and repository while they are empty, and for nothing more once they are there', () => {
    const problems = addressChecks({ publisher: '', repository: '' }).map((check) => check.problems.length);
    assert.deepEqual(problems, [1, 1]);
    assert.deepEqual(
      addressChecks(owned).flatMap((check) => check.problems),
      [],
    );
  });

  it('asks for its version in the changelog, with the day', () => {
    assert.match(changelogCheck('# Changelog\n', '1.2.3').problems.join(), /no heading/);
    assert.match(changelogCheck('## 1.2.3 (unreleased)\n', '1.2.3').problems.join(), /needs the day/);
    assert.deepEqual(changelogCheck('## 1.2.3 (2026-12-01)\n', '1.2.3').problems, []);
  });

  it('ships what it needs and nothing else', async () => {
    const files = (await shippedFiles()).filter((file) => !file.startsWith('dist/'));
    const built = ['extension.js', 'gateway.js', 'gatewayProgram.js', 'webview/dashboard.js', 'webview/dashboard.css'];
    const all = [...files, ...built.map((file) => `dist/${file}`)];
    assert.deepEqual(filesCheck(all).problems, []);
    assert.match(filesCheck([...all, 'src/extension.ts']).problems.join(), /src\/extension\.ts is shipped/);
    assert.match(filesCheck(files).problems.join(), /nothing matches \^dist/);
  });

  it('ships a manifest without what only developers need', () => {
    const shipped = shippedManifest();
    for (const name of ['scripts', 'devDependencies', 'mocha', 'private']) assert.ok(!(name in shipped), name);
    assert.equal('repository' in shipped, addresses.repository !== '');
  });

  it('ships no code whose licence is unknown', () => {
    const good = { name: 'good', version: '1.0.0', licence: 'MIT', text: 'MIT License' };
    assert.deepEqual(licencesCheck([good]).problems, []);
    const bad = licencesCheck([{ ...good, licence: 'GPL-3.0-only', text: undefined }]).problems;
    assert.deepEqual(bad, ['good has the licence GPL-3.0-only', 'good has no text of its licence']);
  });

  it('has the manifest and the documents that the marketplaces want', () => {
    assert.deepEqual([...manifestCheck().problems, ...linksCheck().problems], []);
  });
});
