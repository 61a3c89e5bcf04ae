import assert from 'node:assert/strict';
import * as vscode from 'vscode';
import { Emitter } from '../../src/base/emitter.ts';
import type { PageMessage } from '../../src/contract/dashboard.ts';
import type { Metrics } from '../../src/contract/metrics.ts';
import { DashboardPanel } from '../../src/ui/dashboard/dashboardPanel.ts';
import type { GatewaySupervisor } from '../../src/ui/link/gatewaySupervisor.ts';
import type { GatewayStatus } from '../../src/ui/model/gatewayStatus.ts';

/** A panel whose page is gone once it is closed, as VS Code has it: every use of it throws then. */
function fakePanel(heard: Emitter<PageMessage>) {
  let isOpen = true;
  const webview = {
    html: '',
    cspSource: '',
    asWebviewUri: (uri: vscode.Uri) => uri,
    onDidReceiveMessage: (listener: (message: PageMessage) => void) => heard.on(listener),
    postMessage: async () => true,
  };
  const panel = {
    get webview() {
      if (!isOpen) throw new Error('Webview is disposed');
      return webview;
    },
    get visible() {
      return isOpen;
    },
    onDidChangeViewState: () => ({ dispose: () => undefined }),
    close: () => {
      isOpen = false;
    },
  };
  return panel as unknown as vscode.WebviewPanel & { close(): void };
}

describe('a dashboard that is closed', () => {
  for (const end of ['answered', 'refused'] as const) {
    it(`while a question is under way drops what is ${end} afterwards`, async () => {
      const errors: unknown[] = [];
      const onError = (error: unknown): void => void errors.push(error);
      process.on('unhandledRejection', onError);
      const answer = Promise.withResolvers<Metrics>();
      const client = { metrics: () => answer.promise, requests: () => answer.promise };
      const supervisor = { client, status: { kind: 'stopped' }, onStatus: new Emitter<GatewayStatus>(onError) };
      const heard = new Emitter<PageMessage>(onError);
      const panel = fakePanel(heard);
      const extensionUri = vscode.Uri.file('/extension');
      const content = new DashboardPanel(panel, {
        extensionUri,
        supervisor: supervisor as unknown as GatewaySupervisor,
        onError,
      });
      heard.emit({ kind: 'askRequests', ask: 1, query: { range: { kind: 'last', span: 'hour' } } });
      panel.close();
      content.dispose();
      if (end === 'refused') answer.reject(new Error('the gateway does not answer'));
      else answer.resolve({ requests: [], cursor: null } as unknown as Metrics);
      await answer.promise.catch(() => undefined);
      // A rejection that nobody handles is told at the end of the turn.
      await new Promise((resolve) => setTimeout(resolve));
      process.off('unhandledRejection', onError);
      assert.deepEqual(errors, []);
    });
  }
});
