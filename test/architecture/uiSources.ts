import { globSync, readFileSync } from 'node:fs';
import path from 'node:path';
import ts from 'typescript';

/** A text for people: the first argument of a call of `t`, or one of the dashboard's page. */
export interface TranslatedText {
  /** `file:line`. */
  readonly place: string;
  /** Undefined where it is no string literal. */
  readonly text: string | undefined;
}

/** The facts about the sources of `ui` that the rules for manifest and translations need. */
export class UiSources {
  readonly #files: readonly ts.SourceFile[];
  readonly #page: ts.SourceFile;

  constructor(root: string) {
    const files = globSync('src/ui/**/*.ts', { cwd: root }).map((file) => file.replaceAll('\\', '/'));
    const parsed = (file: string): ts.SourceFile =>
      ts.createSourceFile(file, readFileSync(path.join(root, file), 'utf8'), ts.ScriptTarget.Latest, true);
    this.#files = files.sort().map(parsed);
    this.#page = parsed('src/contract/dashboardTexts.ts');
  }

  /** Everything that is given to `t`, `context.t` or `l10n.t`, and all of `pageTexts`, which is given to it as a whole. */
  get translatedTexts(): readonly TranslatedText[] {
    const ofCalls = this.#collect((node, source) => {
      if (!ts.isCallExpression(node) || calledName(node) !== 't') return undefined;
      const [first] = node.arguments;
      const text = first !== undefined && ts.isStringLiteralLike(first) ? first.text : undefined;
      return { place: placeOf(node, source), text };
    });
    const ofPage = this.#collect(
      (node, source) => {
        if (!ts.isPropertyAssignment(node) || isGroup(node.initializer)) return undefined;
        const { initializer } = node;
        const text = ts.isStringLiteralLike(initializer) ? initializer.text : undefined;
        return { place: placeOf(node, source), text };
      },
      [this.#page],
    );
    return [...ofCalls, ...ofPage];
  }

  /** The ids in the command tables: names of properties. */
  get commandIds(): readonly string[] {
    return this.#collect((node) =>
      ts.isPropertyAssignment(node) && ts.isStringLiteral(node.name) && isOurs(node.name.text)
        ? node.name.text
        : undefined,
    );
  }

  /**
   * `signalbox.*` as a value: ids of commands, views, settings and context keys that the code uses. Not those that the
   * code alone knows: named constants (what is kept in memory) and items of the status bar.
   */
  get usedIds(): readonly string[] {
    return this.#collect((node) => {
      if (!ts.isStringLiteral(node) || !isOurs(node.text)) return undefined;
      const { parent } = node;
      const isOwn = ts.isVariableDeclaration(parent) || calledName(parent) === 'createStatusBarItem';
      return isOwn || (ts.isPropertyAssignment(parent) && parent.name === node) ? undefined : node.text;
    });
  }

  /** The keys for `when` clauses that the code sets. */
  get contextKeys(): readonly string[] {
    return this.#collect((node) => {
      if (!ts.isCallExpression(node) || calledName(node) !== '#setContext') return undefined;
      const [first] = node.arguments;
      return first !== undefined && ts.isStringLiteral(first) ? first.text : undefined;
    });
  }

  /** Every string literal, those in types included. */
  get literals(): ReadonlySet<string> {
    return new Set(this.#collect((node) => (ts.isStringLiteralLike(node) ? node.text : undefined)));
  }

  /** The `kind`s of a union of objects that a type alias names. */
  kindsOf(alias: string): readonly string[] {
    return this.#collect((node) => {
      if (!ts.isPropertySignature(node) || node.name.getText() !== 'kind' || node.type === undefined) return undefined;
      const owner = ts.findAncestor(node, ts.isTypeAliasDeclaration);
      return owner?.name.text === alias && ts.isLiteralTypeNode(node.type) && ts.isStringLiteral(node.type.literal)
        ? node.type.literal.text
        : undefined;
    });
  }

  #collect<T>(pick: (node: ts.Node, source: ts.SourceFile) => T | undefined, files = this.#files): T[] {
    const found: T[] = [];
    for (const source of files) {
      const visit = (node: ts.Node): void => {
        const one = pick(node, source);
        if (one !== undefined) found.push(one);
        ts.forEachChild(node, visit);
      };
      visit(source);
    }
    return found;
  }
}

function placeOf(node: ts.Node, source: ts.SourceFile): string {
  const { line } = source.getLineAndCharacterOfPosition(node.getStart(source));
  return `${source.fileName}:${line + 1}`;
}

/** Texts under a name of their own: `{ ... }`, or that with its type. */
function isGroup(node: ts.Expression): boolean {
  return ts.isObjectLiteralExpression(ts.isSatisfiesExpression(node) ? node.expression : node);
}

function isOurs(text: string): boolean {
  return /^signalbox\.[\w.]+$/.test(text);
}

/** `f` of `f()`, `a.f()` and `this.#f()` (as `#f`). */
function calledName(node: ts.Node): string | undefined {
  if (!ts.isCallExpression(node)) return undefined;
  const { expression } = node;
  if (ts.isIdentifier(expression)) return expression.text;
  return ts.isPropertyAccessExpression(expression) ? expression.name.text : undefined;
}
