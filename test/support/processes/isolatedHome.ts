import path from 'node:path';

/** Variables that give the programs of a test a home, and so a place for settings and state, of their own. */
export function isolatedHome(home: string): Readonly<Record<string, string>> {
  return {
    HOME: home,
    USERPROFILE: home,
    LOCALAPPDATA: path.join(home, 'AppData/Local'),
    XDG_STATE_HOME: path.join(home, '.local/state'),
  };
}

/** The environment of the machine less what is about VS Code, the test runner, another home or real endpoints. */
export function cleanEnvironment(): NodeJS.ProcessEnv {
  const foreign = /^(VSCODE_|ELECTRON_|npm_|NODE_|XDG_|SIGNALBOX_|ANTHROPIC_|OPENAI_|CLAUDE)/i;
  return Object.fromEntries(Object.entries(process.env).filter(([name]) => !foreign.test(name)));
}
