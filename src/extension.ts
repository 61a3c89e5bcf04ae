import type { Disposable, ExtensionContext } from 'vscode';
import { activateSignalbox } from './ui/activation.ts';

let signalbox: Disposable | undefined;

/** VS Code calls this once, after it has started. */
export function activate(context: ExtensionContext): void {
  signalbox = activateSignalbox(context);
}

/** Ends all that this window has of Signalbox; the gateway goes on. */
export function deactivate(): void {
  signalbox?.dispose();
}
