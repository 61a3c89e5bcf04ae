// Writes dist/, one file a program.
//   node esbuild.js [--production] [--watch]
//   node esbuild.js --run [args]     builds, then runs the gateway in this process; without --config it is the demo
const { createHash } = require('node:crypto');
const { mkdirSync, readFileSync, renameSync, rmSync, watch, writeFileSync } = require('node:fs');
const path = require('node:path');
const esbuild = require('esbuild');

/**
 * In front of the gateway, in words that any Node can read: an older one would end with a stack trace. The directive holds for
 * the whole file only if it comes first.
 */
const nodeCheck = `"use strict";
if (Number(process.versions.node.split('.')[0]) < 22) {
  console.error('signalbox: Node 22 or newer is needed; this is ' + process.versions.node + '. "npm start" brings its own.');
  process.exit(2);
}`;

/** One row a program; the fields are esbuild's own. */
const programs = [
  {
    entryPoints: ['src/gatewayMain.ts'],
    outfile: 'dist/gateway.js',
    banner: { js: nodeCheck },
    format: 'cjs',
    platform: 'node',
    target: 'node22',
    // The `main` of jsonc-parser is UMD: its own requires would survive into the bundle and fail at run time.
    mainFields: ['module', 'main'],
  },
  {
    entryPoints: ['src/extension.ts'],
    outfile: 'dist/extension.js',
    format: 'cjs',
    platform: 'node',
    target: 'node22',
    external: ['vscode'],
    mainFields: ['module', 'main'],
  },
  {
    // The dashboard's page: its program and its style sheet.
    entryPoints: ['src/webview/dashboard.ts', 'src/webview/dashboard.css'],
    outdir: 'dist/webview',
    format: 'iife',
    platform: 'browser',
    target: 'chrome138',
  },
];

const version = JSON.parse(readFileSync(path.join(__dirname, 'package.json'), 'utf8')).version;

/** Stands in the bundles for the hash until all of them are there; of the same length, so source maps stay right. */
const hashPlaceholder = '#signalbox##';

/** The store's thread, which the gateway's bundle carries as a text. */
const storeWorker = {
  entryPoints: ['src/store/storeWorker.ts'],
  format: 'cjs',
  platform: 'node',
  target: 'node22',
};

async function buildStoreWorker(isProduction) {
  const options = { ...optionsOf(storeWorker, isProduction), sourcemap: false };
  const { outputFiles, warnings, metafile } = await esbuild.build(options);
  if (warnings.length > 0) throw new Error('warnings are errors');
  return { text: outputFiles[0].text, metafile };
}

function storeProgramOf(text) {
  const contents = `export function storeProgram() { return { text: ${JSON.stringify(text)} }; }`;
  return {
    name: 'store-program',
    setup: ({ onLoad }) => onLoad({ filter: /[\\/]storeProgram\.ts$/ }, () => ({ contents, loader: 'js' })),
  };
}

function optionsOf(program, isProduction) {
  return {
    ...program,
    absWorkingDir: __dirname,
    bundle: true,
    write: false,
    metafile: true,
    splitting: false,
    minifySyntax: isProduction,
    minifyWhitespace: isProduction,
    sourcemap: isProduction ? false : 'linked',
    sourcesContent: false,
    logLevel: 'warning',
    // import.meta is empty in CommonJS: whoever uses it would find out at run time only.
    logOverride: program.format === 'cjs' ? { 'empty-import-meta': 'error' } : {},
    define: { ...program.define, SIGNALBOX_BUILD: JSON.stringify(`${version}+${hashPlaceholder}`) },
  };
}

function escaped(character) {
  return `\\u${character.charCodeAt(0).toString(16).padStart(4, '0')}`;
}

/**
 * Puts the launcher in the gateway's place: it runs the program beside it from what an earlier process has compiled. The text in
 * V8's hands is not quite that of the file, so source maps would be wrong: for production only.
 */
async function withLauncher(outputFiles) {
  const [program] = outputFiles;
  const options = { ...programs[0], entryPoints: ['src/gateway/process/codeCache.ts'] };
  const [launcher] = (await esbuild.build(optionsOf(options, true))).outputFiles;
  const call = `module.exports.runCached({
  text: require('node:fs').readFileSync(require('node:path').join(__dirname, 'gatewayProgram.js'), 'latin1'),
  build: '${version}+${hashPlaceholder}',
  startedAs: __filename,
}, require);
`;
  launcher.contents = Buffer.concat([launcher.contents, Buffer.from(call)]);
  // One byte a character for V8, which keeps the text as long as the process runs.
  program.contents = Buffer.from(program.text.replace(/[^\0-\x7f]/g, escaped));
  program.path = path.join(__dirname, 'dist', 'gatewayProgram.js');
  return [launcher, ...outputFiles];
}

/**
 * Builds every program and writes them all or none. SIGNALBOX_BUILD becomes `version+hash`, the same in each of them,
 * where the hash is that of what was built: equal sources give an equal build.
 */
async function build(isProduction) {
  const startedAt = performance.now();
  const storeWorkerBuild = await buildStoreWorker(isProduction);
  const plugins = [storeProgramOf(storeWorkerBuild.text)];
  const results = await Promise.all(
    programs.map((program) => esbuild.build({ ...optionsOf(program, isProduction), plugins })),
  );
  const warnings = results.flatMap((result) => result.warnings);
  if (warnings.length > 0) throw new Error('warnings are errors');

  const outputFiles = results.flatMap((result) => result.outputFiles);
  const files = isProduction ? await withLauncher(outputFiles) : outputFiles;
  const hash = createHash('sha256');
  for (const file of files) hash.update(file.contents);
  const build = hash.digest('hex').slice(0, hashPlaceholder.length);
  for (const file of files) replaceFile(file.path, file.text.replaceAll(hashPlaceholder, build));
  const packages = packagesIn([storeWorkerBuild, ...results]);
  replaceFile(path.join(__dirname, 'dist', 'packages.json'), `${JSON.stringify(packages)}\n`);
  if (isProduction) removeSourceMaps();
  console.error(`built ${version}+${build} in ${Math.round(performance.now() - startedAt)} ms`);
}

/** The names of the packages whose code is in the bundles, for the licences that go with them. */
function packagesIn(results) {
  const inputs = results.flatMap(({ metafile }) => Object.keys(metafile.inputs));
  const names = inputs.flatMap((input) => /.*node_modules\/((?:@[^/]+\/)?[^/]+)/.exec(input)?.[1] ?? []);
  return [...new Set(names)].sort();
}

/** A program that starts meanwhile reads the old file or the new one, never half of it. */
function replaceFile(file, text) {
  mkdirSync(path.dirname(file), { recursive: true });
  const scratch = `${file}.${process.pid}`;
  writeFileSync(scratch, text);
  renameSync(scratch, file);
}

/** Those of an earlier build would lie about this one. */
function removeSourceMaps() {
  const outputs = programs.flatMap(({ outfile, outdir, entryPoints }) =>
    outfile === undefined
      ? entryPoints.map((entry) => path.join(outdir, path.basename(entry).replace(/\.ts$/, '.js')))
      : [outfile],
  );
  for (const output of outputs) rmSync(path.join(__dirname, `${output}.map`), { force: true });
}

async function watchSources(isProduction) {
  const rebuild = () => build(isProduction).catch(report);
  let timer;
  watch(path.join(__dirname, 'src'), { recursive: true }, () => {
    clearTimeout(timer);
    timer = setTimeout(rebuild, 50);
  });
  await rebuild();
}

function runGateway(args) {
  const isDecided = args.some((arg) => /^--(config|demo|drill|report|help|version)(=|$)|^-h$|\.jsonc?$/i.test(arg));
  const program = path.join(__dirname, 'dist', 'gateway.js');
  process.argv = [process.execPath, program, ...(isDecided ? [] : ['--demo']), ...args];
  require(program);
}

async function main([first, ...rest]) {
  if (first === '--run') {
    await build(false);
    await esbuild.stop();
    runGateway(rest);
    return;
  }
  const flags = new Set(first === undefined ? rest : [first, ...rest]);
  const isProduction = flags.has('--production');
  if (flags.has('--watch')) await watchSources(isProduction);
  else await build(isProduction);
}

/** esbuild has printed its own failures already; they are the ones with a list of errors and one of warnings. */
function report(error) {
  if (['EACCES', 'EPERM', 'EROFS'].includes(error.code)) {
    console.error(
      `${error.path} cannot be written (${error.code}). Use a clone that belongs to you, or make it yours (chown).`,
    );
    return;
  }
  if (!Array.isArray(error.errors) || !Array.isArray(error.warnings)) console.error(error);
}

main(process.argv.slice(2)).catch((error) => {
  report(error);
  process.exitCode = 1;
});
