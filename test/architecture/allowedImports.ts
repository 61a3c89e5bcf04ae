/** What the files of one room may import. A room's own files may always import each other. */
export interface Room {
  /** Rooms, packages and builtins (`node:*` for all of them), as values and as types. */
  readonly may: readonly string[];
  /** The same, but by `import type` only. */
  readonly mayAsTypes?: readonly string[];
  /** Never, whatever the other lists say. */
  readonly never?: readonly string[];
  /** Names of `may` that only some files of the room may import: those whose path below src/ matches. */
  readonly onlyIn?: Readonly<Record<string, RegExp>>;
}

/** Every room of src/ and the two entry files. A file belongs to the longest name here that its path begins with. */
export const rooms: Readonly<Record<string, Room>> = {
  base: { may: [] },
  core: { may: ['base', 'zod', 'node:crypto'], onlyIn: { zod: /^core\/config/ } },
  dialect: { may: ['base', 'core'] },
  // The hash: windows and gateway mark settings alike. The files: both make the state folder alike.
  contract: { may: ['zod', 'node:crypto', 'node:fs', 'node:os', 'node:path'], mayAsTypes: ['base', 'core'] },
  simulated: { may: ['base', 'dialect', 'node:http', 'node:zlib'], mayAsTypes: ['node:net'] },
  proxy: {
    may: [
      'base',
      'core',
      'dialect',
      'undici',
      'node:http',
      'node:https',
      'node:zlib',
      'node:crypto',
      'node:dns',
      'node:net',
      'node:stream',
      // Whom connections to endpoints trust.
      'node:tls',
      'socks',
    ],
    onlyIn: { socks: /^proxy\/socksTunnel/, 'node:tls': /^proxy\/(?:trust|tunnelError)/ },
  },
  // Its thread writes the JSON that windows are answered with: it has the contract's types.
  store: {
    may: ['base', 'core', 'node:sqlite', 'node:fs', 'node:process', 'node:worker_threads'],
    mayAsTypes: ['contract'],
  },
  gateway: {
    may: ['base', 'core', 'dialect', 'contract', 'simulated', 'proxy', 'store', 'pino', 'jsonc-parser', 'node:*'],
    never: ['node:sqlite'],
  },
  ui: {
    may: [
      'base',
      'contract',
      'ui/model',
      'vscode',
      'node:http',
      'node:child_process',
      'node:fs',
      'node:crypto',
      'node:os',
      'node:path',
      'node:stream',
    ],
    mayAsTypes: ['core', 'node:net'],
  },
  'ui/model': { may: ['base', 'jsonc-parser'], mayAsTypes: ['core', 'contract'] },
  webview: { may: ['uplot'], mayAsTypes: ['contract', 'core'] },
  'extension.ts': { may: ['ui', 'vscode'] },
  'gatewayMain.ts': { may: ['gateway', 'contract', 'node:fs', 'node:path', 'node:process', 'node:util'] },
};

/** The room of a file, given its path below src/; nothing when it lies in none. */
export function roomOf(file: string): string | undefined {
  return Object.keys(rooms)
    .filter((name) => file === name || file.startsWith(`${name}/`))
    .sort((a, b) => b.length - a.length)[0];
}
