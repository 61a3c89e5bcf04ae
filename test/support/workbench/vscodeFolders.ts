import { mkdirSync, symlinkSync } from 'node:fs';
import path from 'node:path';

/** The fresh folders of one server; all go away with it. */
export interface VscodeServerFolders {
  readonly home: string;
  /** XDG_STATE_HOME: below it an extension finds its state folder. */
  readonly state: string;
  readonly userData: string;
  readonly serverData: string;
  readonly extensions: string;
  readonly builtIn: string;
  /** An empty folder to open. */
  readonly workspace: string;
}

/** The extensions of VS Code that tests meet. Without the other eighty a window costs a fifth less CPU time. */
const builtInExtensions = [
  'configuration-editing',
  'json',
  'json-language-features',
  'markdown-basics',
  'markdown-language-features',
  'theme-defaults',
  'theme-seti',
];

/** Makes them below `root`; `vscode` is where the server's program is. */
export function makeVscodeFolders(root: string, vscode: string): VscodeServerFolders {
  const folder = (name: string): string => {
    const made = path.join(root, name);
    mkdirSync(made, { recursive: true });
    return made;
  };
  const folders = {
    home: folder('home'),
    state: folder('home/.local/state'),
    userData: folder('user-data'),
    serverData: folder('server-data'),
    extensions: folder('extensions'),
    builtIn: folder('built-in-extensions'),
    workspace: folder('workspace'),
  };
  for (const name of builtInExtensions) {
    symlinkSync(path.join(vscode, 'extensions', name), path.join(folders.builtIn, name), 'junction');
  }
  return folders;
}
