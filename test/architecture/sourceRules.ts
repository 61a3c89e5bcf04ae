import ts from 'typescript';

/** Names of files that say nothing about what is in them. */
const emptyNames = new Set(['util', 'utils', 'helper', 'helpers', 'types', 'index']);

/** Globals through which time, chance or the process would come into a pure room. */
const impureGlobals = new Set([
  'performance',
  'process',
  'globalThis',
  'crypto',
  'fetch',
  'setTimeout',
  'setInterval',
  'setImmediate',
  'queueMicrotask',
]);

/** Members of otherwise pure things that read a clock or draw lots; `*` stands for any object. */
const impureMembers = new Set(['Date.now', 'Math.random', 'Temporal.Now']);
const randomImport = /^(random(UUID|Bytes|Int|Fill|FillSync)|getRandomValues|webcrypto)$/;

/** One line for everything in a source file that the house style forbids in every file. `file` is for the messages. */
export function styleViolations(file: string, text: string): string[] {
  const source = parse(file, text);
  const found: string[] = [];
  if (emptyNames.has(/([^/]*?)(\.test)?\.[a-z]+$/.exec(file)?.[1] ?? ''))
    found.push(`${file}: name it after its content`);
  if (isBarrel(source)) found.push(`${file}: only re-exports`);
  walk(source, (node) => {
    if (isDefaultExport(node)) found.push(`${at(source, node)}: default export`);
    if (node.kind === ts.SyntaxKind.AnyKeyword) found.push(`${at(source, node)}: any`);
    // The graph of imports does not see these.
    if (ts.isImportTypeNode(node)) found.push(`${at(source, node)}: import type at the head of the file instead`);
  });
  return [...found, ...namelessActors(file, text)];
}

/** One line for every comment with a sentence whose actor is only "who" or "what". */
function namelessActors(file: string, text: string): string[] {
  const comments = text.matchAll(/\/\*.*?\*\/|(?<=^|\s)\/\/[^\n]*(?:\n\s*\/\/[^\n]*)*/gs);
  return [...comments].flatMap(({ 0: comment, index }) => {
    const words = comment.replaceAll(/\s*\n\s*(?:\*|\/\/)?\s*/g, ' ').replace(/^\/[/*]+\s*/, '');
    if (!/(?:^|[.:;!?] )(?:Who|Whoever|What)\b/.test(words)) return [];
    return [
      `${file}:${text.slice(0, index).split('\n').length}: a sentence that begins with who or what: name the actor`,
    ];
  });
}

/** One line for every place where a pure source file reaches for a clock, chance, timers or the process. */
export function purityViolations(file: string, text: string): string[] {
  const source = parse(file, text);
  const found: string[] = [];
  walk(source, (node) => {
    const name = impurity(node);
    if (name !== undefined) found.push(`${at(source, node)}: ${name}`);
  });
  return found;
}

function impurity(node: ts.Node): string | undefined {
  if (ts.isPropertyAccessExpression(node)) {
    const member = node.getText().replaceAll(/\s/g, '');
    return impureMembers.has(member) ? member : undefined;
  }
  const isDate = (callee: ts.Expression): boolean => ts.isIdentifier(callee) && callee.text === 'Date';
  if (ts.isNewExpression(node)) {
    return isDate(node.expression) && (node.arguments ?? []).length === 0 ? 'new Date()' : undefined;
  }
  if (ts.isCallExpression(node)) return isDate(node.expression) ? 'Date()' : undefined;
  if (!ts.isIdentifier(node)) return undefined;
  if (ts.isImportSpecifier(node.parent)) return randomImport.test(node.text) ? node.text : undefined;
  return impureGlobals.has(node.text) && !isMemberName(node) ? node.text : undefined;
}

/** Whether an identifier is the name of somebody's member (`x.process`, `{ process: 1 }`), not a variable. */
function isMemberName(node: ts.Identifier): boolean {
  const { parent } = node;
  if (ts.isPropertyAccessExpression(parent)) return parent.name === node;
  if (ts.isQualifiedName(parent)) return parent.right === node;
  if (ts.isBindingElement(parent)) return parent.propertyName === node;
  return ts.isPropertyAssignment(parent) ||
    ts.isPropertySignature(parent) ||
    ts.isPropertyDeclaration(parent) ||
    ts.isMethodDeclaration(parent) ||
    ts.isMethodSignature(parent)
    ? parent.name === node
    : false;
}

/** A file that has exports, and nothing but imports and exports of what other files declare. */
function isBarrel(source: ts.SourceFile): boolean {
  const isPassingOn = (statement: ts.Statement): boolean =>
    ts.isImportDeclaration(statement) || ts.isExportDeclaration(statement);
  return (
    source.statements.some((statement) => ts.isExportDeclaration(statement)) && source.statements.every(isPassingOn)
  );
}

function isDefaultExport(node: ts.Node): boolean {
  if (ts.isExportAssignment(node)) return true;
  if (ts.isExportSpecifier(node)) return node.name.text === 'default';
  return (
    ts.canHaveModifiers(node) && (ts.getModifiers(node) ?? []).some(({ kind }) => kind === ts.SyntaxKind.DefaultKeyword)
  );
}

function parse(file: string, text: string): ts.SourceFile {
  return ts.createSourceFile(file, text, ts.ScriptTarget.Latest, true);
}

function walk(node: ts.Node, visit: (node: ts.Node) => void): void {
  visit(node);
  ts.forEachChild(node, (child) => walk(child, visit));
}

function at(source: ts.SourceFile, node: ts.Node): string {
  const { line } = source.getLineAndCharacterOfPosition(node.getStart(source));
  return `${source.fileName}:${line + 1}`;
}
