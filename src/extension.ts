import type { ExtensionContext } from 'vscode';
import { activateSignalbox } from './ui/activation.ts';

/** VS Code calls this once, after it has started. */
export function activate(context: ExtensionContext): void {
  context.subscriptions.push(activateSignalbox(context));
}
