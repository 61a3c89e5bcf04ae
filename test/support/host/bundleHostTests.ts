import { readFile, writeFile } from 'node:fs/promises';
import path from 'node:path';
import { build, type Plugin } from 'esbuild';

const root = path.resolve(import.meta.dirname, '../../..');

/**
 * Bundles test files into one CommonJS module that VS Code can run in an extension host: its `run()` rejects when a
 * test has failed. Gives the path of the module. mocha is loaded from node_modules.
 */
export async function bundleHostTests(files: readonly string[]): Promise<string> {
  const folder = path.join(root, '.vscode-test/host-tests');
  await build({
    stdin: { contents: entryOf(files), resolveDir: root, sourcefile: 'host-tests.ts' },
    bundle: true,
    outfile: path.join(folder, 'tests.cjs'),
    format: 'cjs',
    platform: 'node',
    target: 'node22',
    external: ['vscode'],
    mainFields: ['module', 'main'],
    sourcemap: 'inline',
    logLevel: 'warning',
    plugins: [filePaths, installedMocha],
  });
  // Only of modules that are loaded after this setting Node reads the source map; with it stacks name the test files.
  const entry = path.join(folder, 'index.cjs');
  await writeFile(entry, "process.setSourceMapsEnabled(true);\nmodule.exports = require('./tests.cjs');\n");
  return entry;
}

/** Calls keep their order, unlike imports: the globals have to be there before a test file is evaluated. */
function entryOf(files: readonly string[]): string {
  return [
    "const { defineTestGlobals, runTests } = require('./test/support/host/hostMocha.ts');",
    ...files
      .map((file) => JSON.stringify(path.resolve(root, file)))
      .map((file) => `defineTestGlobals(${file}); require(${file});`),
    'exports.run = runTests;',
  ].join('\n');
}

/** In a bundle every module would take the bundle's place for its own. */
const filePaths: Plugin = {
  name: 'file-paths',
  setup({ onLoad }) {
    onLoad({ filter: /[\\/](test|src)[\\/].*\.ts$/ }, async ({ path: file }) => {
      const source = await readFile(file, 'utf8');
      const contents = source
        .replaceAll('import.meta.dirname', JSON.stringify(path.dirname(file)))
        .replaceAll('import.meta.filename', JSON.stringify(file));
      return { contents, loader: 'ts' };
    });
  },
};

/** mocha finds its parts by itself and does not take being bundled. */
const installedMocha: Plugin = {
  name: 'installed-mocha',
  setup({ onResolve }) {
    const entry = path.join(root, 'node_modules/mocha/index.js');
    onResolve({ filter: /^mocha$/ }, () => ({ path: entry, external: true }));
  },
};
