import * as vscode from 'vscode';

/** A step of the work: its description and share in percent. */
type Report = (step: { readonly message: string; readonly increment: number }) => void;

/** Work that receives a signal for cancellation. */
export type Work<T> = (signal: AbortSignal, report: Report) => Promise<T>;

/** Shows a progress notification with a Cancel button; settles like the work. */
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
