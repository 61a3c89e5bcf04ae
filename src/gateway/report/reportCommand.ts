import { existsSync } from 'node:fs';
import { join } from 'node:path';
import process from 'node:process';
import { dayMs } from '../../base/time.ts';
import type { Metrics } from '../../contract/metrics.ts';
import { StoreClient } from '../../store/storeClient.ts';
import { readConfigFile } from '../process/configFile.ts';
import { metricsFileName } from '../process/stateDirectory.ts';
import { storeProgram } from '../record/storeProgram.ts';
import { reportText } from './reportText.ts';

export interface ReportOptions {
  readonly stateDir: string;
  /** A configuration whose prices override the built-in ones. */
  readonly configPath: string | undefined;
  /** The period that the report covers, back from now. */
  readonly days: number;
  readonly isJson: boolean;
}

/** Limits so large that opening the store prunes nothing. */
const onlyReads = { isReadOnly: true, rawDays: 36_500, maxBytes: Number.MAX_SAFE_INTEGER } as const;

/**
 * `gateway.js --report`: prints the figures of the last days from the store's file, as text or with `isJson` as `Metrics`,
 * whether a gateway runs or not. Returns the exit code: 0; 2 without records or with a bad configuration; 1 when the records
 * cannot be read.
 */
export async function reportCommand({ stateDir, configPath, days, isJson }: ReportOptions): Promise<0 | 1 | 2> {
  const configured = configPath === undefined ? undefined : readConfigFile(configPath, undefined);
  if (configured?.kind === 'bad') {
    process.stderr.write(configured.text);
    return 2;
  }
  const prices = configured?.config.prices ?? {};
  const path = join(stateDir, metricsFileName);
  if (!existsSync(path)) {
    process.stderr.write(
      `signalbox: there are no records in ${path}. Name the gateway's state folder with --state-dir.\n`,
    );
    return 2;
  }
  const trouble: string[] = [];
  const tell = (text: string, fields?: object): void => void trouble.push(`${text} ${JSON.stringify(fields ?? {})}`);
  const logger = {
    debug: () => undefined,
    info: () => undefined,
    warn: tell,
    error: tell,
    redact: (text: string) => text,
  };
  const store = new StoreClient({ program: storeProgram(), path, logger, prices, ...onlyReads });
  try {
    const to = Date.now();
    const { bytes } = await store.ask({ what: 'metrics', request: { from: to - days * dayMs, to } });
    const metrics = JSON.parse(Buffer.from(bytes).toString('utf8')) as Metrics;
    if (metrics.store.kind !== 'ok') throw new Error(trouble.join('; ') || 'the records cannot be read');
    process.stdout.write(isJson ? `${JSON.stringify(metrics)}\n` : reportText(metrics));
    return 0;
  } catch (error) {
    process.stderr.write(`signalbox: ${(error as Error).message}\n`);
    return 1;
  } finally {
    await store.close();
  }
}
