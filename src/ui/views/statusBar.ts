import * as vscode from 'vscode';
import type { Disposable } from '../../base/disposable.ts';
import type { EndpointStatusItem, StatusItem } from '../model/trees/statusBarText.ts';
import { tooltipCommands } from '../model/trees/statusTooltip.ts';

const backgrounds = {
  none: undefined,
  warning: new vscode.ThemeColor('statusBarItem.warningBackground'),
  error: new vscode.ThemeColor('statusBarItem.errorBackground'),
} as const;

/** The status bar: a main item, and one for each endpoint that is out of order. */
export class StatusBar implements Disposable {
  readonly #whole: vscode.StatusBarItem;
  readonly #endpoints = new Map<string, vscode.StatusBarItem>();

  constructor() {
    this.#whole = vscode.window.createStatusBarItem('signalbox.status', vscode.StatusBarAlignment.Right, 100);
    this.#whole.name = 'Signalbox';
    this.#whole.command = 'signalbox.showActions';
    this.#whole.show();
  }

  update(whole: StatusItem, endpoints: readonly EndpointStatusItem[]): void {
    drawItem(this.#whole, whole);
    const wanted = new Set(endpoints.map(({ endpointId }) => endpointId));
    for (const [id, item] of this.#endpoints) {
      if (wanted.has(id)) continue;
      item.dispose();
      this.#endpoints.delete(id);
    }
    for (const one of endpoints) drawItem(this.#itemOf(one.endpointId), one);
  }

  dispose(): void {
    this.#whole.dispose();
    for (const item of this.#endpoints.values()) item.dispose();
    this.#endpoints.clear();
  }

  #itemOf(endpointId: string): vscode.StatusBarItem {
    const known = this.#endpoints.get(endpointId);
    if (known !== undefined) return known;
    const id = `signalbox.endpoint.${endpointId}`;
    const item = vscode.window.createStatusBarItem(id, vscode.StatusBarAlignment.Right, 99);
    item.name = `Signalbox: ${endpointId}`;
    item.command = { title: '', command: 'signalbox.showEndpointActions', arguments: [endpointId] };
    this.#endpoints.set(endpointId, item);
    item.show();
    return item;
  }
}

/** The content of each item as it was set last. */
const drawn = new WeakMap<vscode.StatusBarItem, StatusItem>();

/** Brings an item up to date. Sets only what has changed: VS Code closes an open tooltip at every set of any property. */
export function drawItem(item: vscode.StatusBarItem, shown: StatusItem): void {
  const before = drawn.get(item);
  drawn.set(item, shown);
  const { text, tooltip, severity, accessibilityLabel: label } = shown;
  if (before?.text !== text) item.text = text;
  if (before?.tooltip !== tooltip) item.tooltip = markdown(tooltip);
  if (before?.severity !== severity) item.backgroundColor = backgrounds[severity];
  if (before?.accessibilityLabel !== label) item.accessibilityInformation = { label, role: 'button' };
}

function markdown(text: string): vscode.MarkdownString {
  const value = new vscode.MarkdownString(text, true);
  value.isTrusted = { enabledCommands: [...tooltipCommands] };
  return value;
}
