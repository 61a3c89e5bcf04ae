import type { Workbench } from './workbench.ts';

/** Lets the pages of a window's person use the clipboard, as VS Code and a person's click do. */
export async function allowClipboard({ context, page }: Workbench): Promise<void> {
  await context.grantPermissions(['clipboard-read', 'clipboard-write'], { origin: new URL(page.url()).origin });
}

/** The text in the clipboard of a window's browser. */
export function clipboardText({ page }: Workbench): Promise<string> {
  return page.evaluate<string>('navigator.clipboard.readText()');
}
