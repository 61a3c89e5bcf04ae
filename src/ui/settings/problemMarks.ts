import * as vscode from 'vscode';
import type { Disposable } from '../../base/disposable.ts';
import type { SettingsProblem } from '../model/gatewayStatus.ts';
import { type ProblemPlace, problemPlace, settingOf } from '../model/settings/problemPlace.ts';
import { problemText } from '../model/texts/problemText.ts';

const t = vscode.l10n.t;

interface SettingsFile {
  readonly uri: vscode.Uri;
  readonly text: string;
}

/**
 * Marks the problems of the settings where they are, in settings.json of the user or the machine, for the Problems view. The
 * user's file on another computer is found once it is open.
 */
export class ProblemMarks implements Disposable {
  readonly #collection = vscode.languages.createDiagnosticCollection('Signalbox');
  readonly #subscriptions: readonly Disposable[];
  /** The folder of the user's settings.json. */
  readonly #folder: vscode.Uri;
  #problems: readonly SettingsProblem[] = [];
  #first: vscode.Location | undefined;
  /** Serialises the drawings, so that an older one cannot win. */
  #last: Promise<void> = Promise.resolve();

  /** `globalStorage`: the extension's own folder below that of the user's settings. */
  constructor(globalStorage: vscode.Uri, onError: (error: unknown) => void) {
    this.#folder = vscode.Uri.joinPath(globalStorage, '..', '..');
    const redraw = ({ uri }: vscode.TextDocument): void => {
      if (this.#problems.length > 0 && isSettings(uri)) this.show(this.#problems).catch(onError);
    };
    this.#subscriptions = [
      vscode.workspace.onDidOpenTextDocument(redraw),
      vscode.workspace.onDidSaveTextDocument(redraw),
      this.#collection,
    ];
  }

  /** Replaces all marks; resolves when they are shown. */
  show(problems: readonly SettingsProblem[]): Promise<void> {
    this.#problems = problems;
    const turn = this.#last.then(() => this.#draw(problems));
    this.#last = turn.catch(() => undefined);
    return turn;
  }

  /** Opens settings.json at the first problem. */
  async open(): Promise<void> {
    if (this.#first !== undefined) {
      await vscode.window.showTextDocument(this.#first.uri, { selection: this.#first.range });
      return;
    }
    const [problem] = this.#problems;
    const revealSetting = { key: settingOf(problem?.path ?? 'endpoints'), edit: false };
    await vscode.commands.executeCommand('workbench.action.openSettingsJson', { revealSetting });
  }

  /** Shows the Problems view, which has the marks as soon as their file is known. */
  async reveal(): Promise<void> {
    if (this.#problems.length > 0 && this.#first === undefined) await this.open();
    await vscode.commands.executeCommand('workbench.actions.view.problems');
  }

  dispose(): void {
    for (const one of this.#subscriptions) one.dispose();
  }

  async #draw(problems: readonly SettingsProblem[]): Promise<void> {
    const files = problems.length === 0 ? [] : await this.#files();
    const marks = problems.flatMap((problem) => {
      const found = placeIn(files, problem);
      return found === undefined ? [] : [{ uri: found.uri, mark: markOf(problem, rangeIn(found.text, found.place)) }];
    });
    this.#collection.clear();
    for (const uri of new Set(marks.map((one) => one.uri))) {
      this.#collection.set(
        uri,
        marks.filter((one) => one.uri === uri).map(({ mark }) => mark),
      );
    }
    const [first] = marks;
    this.#first = first === undefined ? undefined : new vscode.Location(first.uri, first.mark.range);
  }

  /** The files that may have our settings, the likeliest first. */
  async #files(): Promise<readonly SettingsFile[]> {
    const folder = this.#folder;
    const profiles = vscode.Uri.joinPath(folder, 'profiles');
    const entries = await vscode.workspace.fs.readDirectory(profiles).then(
      (all) => all,
      () => [],
    );
    const known = [
      vscode.Uri.joinPath(folder, 'settings.json'),
      vscode.Uri.joinPath(folder, '..', 'Machine', 'settings.json'),
      ...entries.map(([name]) => vscode.Uri.joinPath(profiles, name, 'settings.json')),
    ];
    const { textDocuments } = vscode.workspace;
    const others = textDocuments
      .filter(({ uri }) => uri.scheme === userData && isSettings(uri))
      .filter(({ uri }) => known.every(({ path }) => path !== uri.path))
      .map((document) => ({ uri: document.uri, text: document.getText() }));
    const files = await Promise.all(known.map(read));
    return [...files.filter((one) => one !== undefined), ...others];
  }
}

/** The scheme under which VS Code itself opens the files of the user on this computer. */
const userData = 'vscode-userdata';

function isSettings({ path }: vscode.Uri): boolean {
  return path.endsWith('/settings.json');
}

/** Undefined where there is no such file. */
async function read(file: vscode.Uri): Promise<SettingsFile | undefined> {
  const open = vscode.workspace.textDocuments.find(
    ({ uri }) => uri.path === file.path && !uri.scheme.startsWith('git'),
  );
  if (open !== undefined) return { uri: open.uri, text: open.getText() };
  const isLocal = vscode.env.remoteName === undefined && file.scheme === 'file';
  for (const uri of isLocal ? [file.with({ scheme: userData }), file] : [file]) {
    try {
      return { uri, text: new TextDecoder().decode(await vscode.workspace.fs.readFile(uri)) };
    } catch {
      // There is none under this scheme.
    }
  }
  return undefined;
}

/** The place in the file whose value is in force; else in the first one that has the setting; else the start of the first. */
function placeIn(
  files: readonly SettingsFile[],
  problem: SettingsProblem,
): (SettingsFile & { readonly place: Omit<ProblemPlace, 'value'> }) | undefined {
  const inForce = JSON.stringify(vscode.workspace.getConfiguration().get(settingOf(problem.path)));
  const found = files.flatMap((file) => {
    const place = problemPlace(file.text, problem);
    return place === undefined ? [] : [{ ...file, place }];
  });
  const [first] = files;
  return (
    found.find(({ place }) => JSON.stringify(place.value) === inForce) ??
    found[0] ??
    (first === undefined ? undefined : { ...first, place: { offset: 0, length: 0 } })
  );
}

function rangeIn(text: string, { offset, length }: Omit<ProblemPlace, 'value'>): vscode.Range {
  return new vscode.Range(positionIn(text, offset), positionIn(text, offset + length));
}

function positionIn(text: string, offset: number): vscode.Position {
  const lines = text.slice(0, offset).split(/\r\n|\r|\n/);
  return new vscode.Position(lines.length - 1, lines.at(-1)?.length ?? 0);
}

function markOf(problem: SettingsProblem, range: vscode.Range): vscode.Diagnostic {
  const { Error: error, Warning: warning } = vscode.DiagnosticSeverity;
  const isSkipped = problem.isSkipped === true;
  const mark = new vscode.Diagnostic(range, problemText(problem, t), isSkipped ? warning : error);
  mark.source = 'Signalbox';
  return mark;
}
