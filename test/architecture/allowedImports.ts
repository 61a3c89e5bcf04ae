/** The imports that the files of one room may have. A room's own files may always import each other. */
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

/**
 * Every room of src/ and the two entry files. A file belongs to the longest name here that its path begins with; in
 * a list `core` stands for that room alone, `core/*` for it and its sub-rooms. A family stands in the order of its arrows.
 */
export const rooms: Readonly<Record<string, Room>> = {
  base: { may: [] },

  'core/config': { may: ['base', 'zod'], onlyIn: { zod: /^core\/config\/config/ } },
  'core/outcome': { may: ['base', 'core/config'] },
  'core/endpoint': { may: ['base', 'core/config', 'core/outcome'] },
  'core/routing': { may: ['base', 'core/config', 'core/outcome', 'core/endpoint', 'node:crypto'] },
  'core/record': { may: ['base', 'core/config', 'core/outcome', 'core/endpoint', 'core/routing'] },

  'dialect/translation/form': { may: ['base', 'core/*', 'dialect', 'node:crypto'] },
  'dialect/translation/request': { may: ['base', 'core/*', 'dialect', 'dialect/translation/form'] },
  'dialect/translation/answer': { may: ['base', 'core/*', 'dialect', 'dialect/translation/form'] },
  dialect: { may: ['base', 'core/*'] },
  // The hash: windows and gateway mark settings alike. The files: both make the state folder alike.
  // Of the core as a value: the list of classes, which a schema names.
  contract: {
    may: ['base', 'core/outcome', 'zod', 'node:crypto', 'node:fs', 'node:os', 'node:path'],
    mayAsTypes: ['core/*'],
  },
  'simulated/strict': { may: ['base', 'node:crypto'] },
  simulated: { may: ['base', 'dialect', 'simulated/strict', 'node:http', 'node:zlib'], mayAsTypes: ['node:net'] },

  'proxy/http': { may: ['base', 'core/*', 'node:http', 'node:zlib', 'node:stream'] },
  'proxy/upstream': {
    may: [
      'base',
      'core/*',
      'dialect',
      'proxy/http',
      'node:http',
      'node:https',
      'node:net',
      'node:stream',
      'node:tls',
      'socks',
    ],
    onlyIn: { socks: /^proxy\/upstream\/socksTunnel/, 'node:tls': /^proxy\/upstream\/(?:connector|trust|tunnelError)/ },
  },
  'proxy/answer': {
    may: ['base', 'core/*', 'dialect', 'proxy/http', 'proxy/upstream', 'node:http', 'node:zlib', 'node:stream'],
  },
  'proxy/client': {
    may: ['base', 'core/*', 'dialect', 'proxy/http', 'node:http', 'node:crypto', 'node:net', 'node:stream'],
  },
  'proxy/translation': {
    may: ['base', 'core/*', 'dialect/*', 'proxy/answer', 'proxy/http', 'proxy/upstream', 'node:http', 'node:crypto'],
  },
  proxy: {
    may: ['base', 'core/*', 'dialect/*', 'proxy/*', 'node:http', 'node:crypto', 'node:dns', 'node:net', 'node:stream'],
  },

  // The store's thread writes the JSON that windows are answered with: it has the contract's types.
  'store/sums': { may: ['base', 'core/*'], mayAsTypes: ['contract'] },
  'store/file': {
    may: ['base', 'core/*', 'store/sums', 'node:sqlite', 'node:fs', 'node:process'],
    mayAsTypes: ['contract'],
  },
  'store/query': { may: ['base', 'core/*', 'store/sums', 'store/file', 'node:sqlite'], mayAsTypes: ['contract'] },
  store: {
    may: ['base', 'core/*', 'store/*', 'node:fs', 'node:process', 'node:worker_threads'],
    mayAsTypes: ['contract'],
  },

  'gateway/endpoints': {
    may: ['base', 'core/*', 'contract', 'proxy/*', 'node:crypto', 'node:fs', 'node:os', 'node:path'],
  },
  'gateway/savedState': {
    may: ['base', 'core/*', 'contract', 'gateway/endpoints', 'node:fs', 'node:fs/promises', 'node:path'],
  },
  'gateway/record': { may: ['base', 'core/*', 'contract', 'store/*', 'pino', 'node:fs'] },
  'gateway/windows': { may: ['base', 'core/*', 'contract', 'proxy/*', 'gateway/endpoints', 'node:http'] },
  gateway: {
    may: [
      'base',
      'core/*',
      'contract',
      'proxy/*',
      'gateway/endpoints',
      'gateway/savedState',
      'gateway/record',
      'gateway/windows',
    ],
  },
  'gateway/control': {
    may: [
      'contract',
      'core/config',
      'proxy/*',
      'store/*',
      'gateway',
      'gateway/record',
      'gateway/windows',
      'node:crypto',
      'node:events',
      'node:http',
    ],
  },
  'gateway/process': {
    may: [
      'base',
      'core/*',
      'contract',
      'simulated',
      'proxy/*',
      'gateway',
      'gateway/endpoints',
      'gateway/savedState',
      'gateway/record',
      'gateway/control',
      'jsonc-parser',
      'node:*',
    ],
    never: ['node:sqlite'],
  },
  'gateway/drill': { may: ['base', 'core/*', 'contract', 'simulated', 'gateway', 'node:http'] },
  'gateway/report': {
    may: [
      'base',
      'core/*',
      'contract',
      'store/*',
      'gateway/record',
      'gateway/process',
      'node:fs',
      'node:path',
      'node:process',
    ],
  },
  // From a snapshot to nodes and texts, without VS Code.
  'ui/model': { may: ['base'], mayAsTypes: ['core/*', 'contract'] },
  'ui/model/settings': { may: ['base', 'ui/model', 'jsonc-parser'], mayAsTypes: ['core/*', 'contract'] },
  'ui/model/clients': { may: ['base', 'ui/model', 'jsonc-parser'], mayAsTypes: ['core/*', 'contract'] },
  'ui/model/texts': { may: ['base', 'ui/model', 'ui/model/settings'], mayAsTypes: ['core/*', 'contract'] },
  'ui/model/drill': { may: ['base', 'ui/model', 'ui/model/texts'], mayAsTypes: ['core/*', 'contract'] },
  'ui/model/dashboard': { may: ['base', 'contract', 'ui/model', 'ui/model/texts'], mayAsTypes: ['core/*'] },
  'ui/model/trees': {
    // The end of a request is decided in one place, for the store, for this tree and for the dashboard's page.
    may: ['base', 'core/record', 'ui/model', 'ui/model/texts', 'ui/model/dashboard'],
    mayAsTypes: ['core/*', 'contract'],
  },

  // The way to the gateway: everything of a window that speaks to it, starts it or reads its files.
  'ui/link': {
    may: [
      'base',
      'contract',
      'ui/model',
      'node:child_process',
      'node:crypto',
      'node:fs',
      'node:http',
      'node:path',
      'node:stream',
    ],
    mayAsTypes: ['core/*', 'node:net'],
  },
  'ui/words': { may: ['base', 'ui/link', 'ui/model/*', 'vscode'], mayAsTypes: ['contract'] },
  'ui/settings': { may: ['base', 'contract', 'ui/link', 'ui/model/*', 'vscode'], mayAsTypes: ['core/*'] },
  'ui/clients': {
    may: [
      'base',
      'contract',
      'ui/link',
      'ui/model/*',
      'ui/settings',
      'ui/words',
      'vscode',
      'node:fs',
      'node:os',
      'node:path',
    ],
  },
  'ui/views': {
    may: ['base', 'contract', 'ui/link', 'ui/model/*', 'ui/settings', 'ui/words', 'vscode'],
    mayAsTypes: ['core/*'],
  },
  'ui/dashboard': {
    may: [
      'base',
      'contract',
      'ui/link',
      'ui/model/*',
      'ui/words',
      'vscode',
      'node:crypto',
      'node:fs',
      'node:os',
      'node:path',
      'node:stream',
    ],
    mayAsTypes: ['core/*', 'node:http'],
  },
  'ui/drill': { may: ['base', 'contract', 'ui/link', 'ui/model/*', 'ui/words', 'vscode', 'node:child_process'] },
  'ui/diagnostics': {
    may: ['base', 'contract', 'ui/link', 'ui/model/*', 'ui/settings', 'node:fs', 'node:os', 'node:path'],
    mayAsTypes: ['core/*'],
  },
  'ui/commands': {
    may: [
      'base',
      'contract',
      'ui/link',
      'ui/model/*',
      'ui/words',
      'ui/settings',
      'ui/clients',
      'ui/views',
      'ui/dashboard',
      'ui/drill',
      'ui/diagnostics',
      'vscode',
      'node:os',
    ],
    mayAsTypes: ['core/*'],
  },
  ui: { may: ['base', 'contract', 'ui/*', 'vscode'] },

  'webview/elements': { may: ['base'], mayAsTypes: ['contract', 'core/*'] },
  'webview/charts': { may: ['base', 'core/record', 'webview/elements', 'uplot'], mayAsTypes: ['contract', 'core/*'] },
  'webview/tables': { may: ['base', 'webview/elements', 'webview/charts'], mayAsTypes: ['contract', 'core/*'] },
  'webview/requests': {
    may: ['base', 'core/record', 'webview/elements', 'webview/charts'],
    mayAsTypes: ['contract', 'core/*'],
  },
  webview: { may: ['base', 'webview/*'], mayAsTypes: ['contract', 'core/*'] },
  'extension.ts': { may: ['ui', 'vscode'] },
  'gatewayMain.ts': { may: ['gateway/*', 'contract', 'node:fs', 'node:path', 'node:process', 'node:util'] },
};

/** The room of a file, given its path below src/; nothing when it lies in none. */
export function roomOf(file: string): string | undefined {
  return Object.keys(rooms)
    .filter((name) => file === name || isWithin(file, name))
    .sort((a, b) => b.length - a.length)[0];
}

/** Whether the list has the room, by its name or with its family, or the package. */
export function lists(names: readonly string[] | undefined, name: string): boolean {
  return names?.some((one) => one === name || (one.endsWith('/*') && `${name}/`.startsWith(one.slice(0, -1)))) ?? false;
}

function isWithin(place: string, room: string): boolean {
  return place.startsWith(`${room}/`);
}
