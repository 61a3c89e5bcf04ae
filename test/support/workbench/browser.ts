import { type Browser, chromium as engine } from 'playwright-core';
import { chromium } from '../provision/provisionChromium.ts';

const flags = [
  '--no-sandbox',
  '--disable-gpu',
  '--disable-quic',
  '--no-first-run',
  '--disable-background-networking',
  '--disable-component-update',
  '--disable-sync',
];

/** Starts a Chromium without a window, installed or provisioned, with further flags; `close()` ends it. */
export async function launchBrowser(moreFlags: readonly string[] = []): Promise<Browser> {
  const { executable, environment } = await chromium();
  const args = [...flags, ...moreFlags];
  return engine.launch({ executablePath: executable, args, env: { ...process.env, ...environment } });
}
