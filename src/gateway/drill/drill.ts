import type { DrillDone, DrillRow } from '../../contract/drill.ts';
import { DrillGateway } from './drillGateway.ts';
import { judge } from './drillJudge.ts';
import { type DrillScript, drillScripts, healthy } from './drillScript.ts';

export interface DrillOptions {
  /** Cancels the drill. */
  readonly signal: AbortSignal;
  /** Called with each fault's result as soon as it has been played. */
  readonly onRow: (row: DrillRow) => void;
  /** Default: all faults. */
  readonly scripts?: readonly DrillScript[];
  /** Sections of the drill gateway's configuration that override the defaults. */
  readonly document?: object;
  /** Default: 45 s; a drill takes a few seconds. */
  readonly deadlineMs?: number;
}

const warmRounds = 20;
const healthyRounds = 15;
const usualDeadlineMs = 45_000;

/**
 * Plays the faults of behaviour.md one after the other on a private gateway, and judges the result of each request. Uses
 * none of the user's files and endpoints, and leaves no socket or timer. Rejects only when the drill cannot be set up.
 */
export async function runDrill(options: DrillOptions): Promise<DrillDone> {
  const startedMs = performance.now();
  const deadline = new AbortController();
  const timer = setTimeout(() => deadline.abort(), options.deadlineMs ?? usualDeadlineMs);
  const { rows, healthyMs, isWhole } = await playAll(
    options,
    AbortSignal.any([options.signal, deadline.signal]),
  ).finally(() => clearTimeout(timer));
  const failed = rows.filter(({ isAsDesigned }) => !isAsDesigned).length;
  return {
    event: 'done',
    end: isWhole ? 'finished' : options.signal.aborted ? 'stopped' : 'deadline',
    isAsDesigned: isWhole && failed === 0,
    played: rows.length,
    failed,
    healthyMs,
    totalMs: Math.round(performance.now() - startedMs),
  };
}

async function playAll({ onRow, scripts = drillScripts, document = {} }: DrillOptions, signal: AbortSignal) {
  const rows: DrillRow[] = [];
  const gateway = await DrillGateway.start(document, signal);
  try {
    const healthyMs = await measureHealthy(gateway, signal);
    for (const script of scripts) {
      const row = await playFault(gateway, script, healthyMs);
      // A fault that was cancelled says nothing about the gateway.
      if (signal.aborted) break;
      rows.push(row);
      onRow(row);
    }
    return { rows, healthyMs, isWhole: rows.length === scripts.length };
  } finally {
    await gateway.close();
  }
}

/** The median time to first content of healthy requests, in milliseconds, after a few warm-up requests. */
async function measureHealthy(gateway: DrillGateway, signal: AbortSignal): Promise<number | null> {
  for (let round = 0; round < warmRounds && !signal.aborted; round += 1) {
    await gateway.reset();
    await gateway.play({ first: { kind: 'status', status: round % 2 === 0 ? 529 : 401 }, expect: healthy });
  }
  const times: number[] = [];
  await gateway.reset();
  for (let round = 0; round < healthyRounds && !signal.aborted; round += 1) {
    const { observation, reply } = await gateway.play({ first: { kind: 'healthy' }, expect: healthy });
    if (observation.clientSaw === 'wholeAnswer') times.push(reply.afterMs);
  }
  times.sort((a, b) => a - b);
  const median = times[Math.floor(times.length / 2)];
  return median === undefined ? null : tenths(median);
}

async function playFault(gateway: DrillGateway, script: DrillScript, healthyMs: number | null): Promise<DrillRow> {
  await gateway.reset();
  const played = [];
  for (const step of script.steps) played.push({ step, ...(await gateway.play(step)) });
  const differences = played.flatMap(({ step, observation }, index) => judge(step.expect, observation, index + 1));
  const [main] = played;
  const clientSaw = main?.observation.clientSaw ?? 'nothing';
  const answeredBy = main?.observation.answeredBy ?? 'none';
  const hasTime = main !== undefined && healthyMs !== null && clientSaw !== 'left';
  return {
    event: 'fault',
    fault: script.fault,
    requests: script.steps.length,
    failed: script.failed,
    answeredBy: answeredBy === 'none' ? null : answeredBy,
    lostMs: hasTime ? tenths(Math.max(0, main.reply.afterMs - healthyMs)) : null,
    clientSaw,
    isAsDesigned: differences.length === 0,
    differences,
  };
}

function tenths(ms: number): number {
  return Math.round(ms * 10) / 10;
}
