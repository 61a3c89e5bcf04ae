import * as vscode from 'vscode';

/** A step of the work: what was done, and how many percent that was. */
type Report = (step: { readonly message: string; readonly increment: number }) => void;

/** Work that can be cancelled: its signal fires then. */
export type Work<T> = (signal: AbortSignal, report: Report) => Promise<T>;

/** Shows a notification with progress and a Cancel button while the work is under way; settles as the work does. */
export async function withProgress<T>(title: string, work: Work<T>): Promise<T> {
  const location = vscode.ProgressLocation.Notification;
  return vscode.window.withProgress({ location, title, cancellable: true }, async (progress, token) => {
    const controller = new AbortController();
    const subscription = token.onCancellationRequested(() => controller.abort());
    try {
      return await work(controller.signal, (step) => progress.report(step));
    } finally {
      subscription.dispose();
    }
  });
}
