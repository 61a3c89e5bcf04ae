import { existsSync, globSync, readFileSync, statSync } from 'node:fs';
import path from 'node:path';
import manifest from '../package.json' with { type: 'json' };
import { brokenLinks } from '../test/support/docs/markdownLinks.ts';
import { addresses, root } from './addresses.ts';
import { bundledPackages } from './notices.ts';

/** What a release needs, and why it is not there yet; without problems it is. */
export interface ReleaseCheck {
  readonly name: string;
  readonly problems: readonly string[];
}

const mib = 1024 * 1024;
const maxPackageBytes = 3 * mib;
const maxPictureBytes = 1.5 * mib;
const maxKeywords = 30;

/** Licences that allow their code in a product under the MIT licence, if their text goes with it. */
const goodLicences = new Set(['MIT', 'ISC', 'BSD-2-Clause', 'BSD-3-Clause', 'Apache-2.0', '0BSD', 'BlueOak-1.0.0']);

/** What the package has to hold, and nothing else. */
const wantedFiles = [
  /^(?:package(?:\.nls(?:\.zh-cn)?)?\.json|README(?:\.zh-CN)?\.md|CHANGELOG\.md|LICENSE)$/,
  /^dist\/(?:extension|gateway)\.js$/,
  /^dist\/gatewayProgram\.js$/,
  /^dist\/webview\/dashboard\.(?:js|css)$/,
  /^l10n\/[\w.-]+\.json$/,
  /^media\/(?:icon\.png|signalbox\.svg|walkthrough\/\w+\.svg)$/,
];

/** The addresses are filled in, and what they are. */
export function addressChecks({ publisher, repository }: typeof addresses = addresses): ReleaseCheck[] {
  const place = 'release/addresses.json';
  const isPage = /^https:\/\/[^/]+\/[^/]+\/[^/]+$/.test(repository);
  return [
    {
      name: 'publisher',
      problems: /^[\w-]+$/.test(publisher) ? [] : [`${place}: fill in "publisher", the name on both marketplaces`],
    },
    {
      name: 'repository',
      problems: isPage ? [] : [`${place}: fill in "repository", like https://github.com/owner/name`],
    },
  ];
}

/** The changelog has the version, with the day of its release. */
export function changelogCheck(changelog: string, version: string): ReleaseCheck {
  const heading = changelog.split('\n').find((line) => line.startsWith(`## ${version} `) || line === `## ${version}`);
  const problems =
    heading === undefined
      ? [`CHANGELOG.md has no heading "## ${version} (date)"`]
      : /\(\d{4}-\d\d-\d\d\)$/.test(heading)
        ? []
        : [`CHANGELOG.md: "${heading}" needs the day of the release, like (2026-12-01)`];
  return { name: 'changelog', problems };
}

/** The package holds the files that it needs and no others. */
export function filesCheck(files: readonly string[]): ReleaseCheck {
  const missing = wantedFiles.filter((wanted) => !files.some((file) => wanted.test(file)));
  const strange = files.filter((file) => !wantedFiles.some((wanted) => wanted.test(file)));
  return {
    name: 'files of the package',
    problems: [
      ...missing.map((wanted) => `nothing matches ${wanted.source}`),
      ...strange.map((file) => `${file} is shipped without a reason`),
    ],
  };
}

/** The package and each picture are small enough for people who wait for them. */
export function sizeCheck(vsix: string): ReleaseCheck {
  const pictures = globSync('media/**/*.{png,webp,gif,svg}', { cwd: root }).map((file) => path.join(root, file));
  const tooLarge = (file: string, most: number): string[] =>
    statSync(file).size <= most ? [] : [`${path.relative(root, file)} has ${statSync(file).size} bytes, of ${most}`];
  return {
    name: 'sizes',
    problems: [...tooLarge(vsix, maxPackageBytes), ...pictures.flatMap((file) => tooLarge(file, maxPictureBytes))],
  };
}

/** All links of the documents into the repository lead somewhere. */
export function linksCheck(): ReleaseCheck {
  const documents = globSync(['*.md', 'docs/*.md', 'bench/*.md', '.github/**/*.md'], { cwd: root });
  return {
    name: 'links of the documents',
    problems: documents.flatMap((file) => brokenLinks(root, file).map((problem) => `${file}: ${problem}`)),
  };
}

/** Every package in the bundles may be shipped, and its licence can be. */
export function licencesCheck(packages = bundledPackages()): ReleaseCheck {
  return {
    name: `licences of ${packages.length} bundled packages`,
    problems: packages.flatMap(({ name, licence, text }) => [
      ...(goodLicences.has(licence ?? '') ? [] : [`${name} has the licence ${licence ?? 'none'}`]),
      ...(text === undefined ? [`${name} has no text of its licence`] : []),
    ]),
  };
}

/** The marketplaces take the manifest and its icon, and people find the extension there. */
export function manifestCheck(): ReleaseCheck {
  const { icon, keywords, engines, categories, preview } = manifest;
  const png = readFileSync(path.join(root, icon));
  const width = png.readUInt32BE(16);
  const types = manifest.devDependencies['@types/vscode'];
  const missing = ['SECURITY.md', 'LICENSE', '.github/ISSUE_TEMPLATE/bug.yml'].filter(
    (file) => !existsSync(path.join(root, file)),
  );
  return {
    name: 'manifest',
    problems: [
      ...(width >= 128 ? [] : [`the icon is ${width} pixels wide, of at least 128`]),
      ...(keywords.length <= maxKeywords ? [] : [`${keywords.length} keywords, of at most ${maxKeywords}`]),
      ...(keywords.some((word) => /\p{Script=Han}/u.test(word)) ? [] : ['no Chinese keyword']),
      ...(engines.vscode === `^${types}` ? [] : [`engines.vscode ${engines.vscode}, but types of ${types}`]),
      ...(categories.includes('AI') ? [] : ['no category AI']),
      ...(preview === manifest.version.startsWith('0.') ? [] : ['"preview" does not fit the version']),
      ...missing.map((file) => `${file} is missing`),
    ],
  };
}
