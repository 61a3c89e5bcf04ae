import {
  type ClientSight,
  type DrillAspect,
  type DrillDone,
  type DrillFault,
  type DrillRow,
  drillFaults,
} from '../../contract/drill.ts';

/** Short names for the table. */
const faultNames: Readonly<Record<DrillFault, string>> = {
  rateLimit: '429 with a reset time',
  rateLimitWithoutReset: '429 without a reset time',
  overloaded: '529 overloaded',
  refused: 'connection refused',
  silent: 'silence before the first byte',
  cutBeforeContent: 'connection cut before content',
  cutAfterContent: 'connection cut after content',
  errorBeforeContent: 'error in the stream before content',
  errorAfterContent: 'error in the stream after content',
  badKey: '401 bad key',
  emptyAccount: '400 empty account',
  errorInBody: 'error inside a 200',
  clientLeaves: 'client disconnects',
  badRequest: '400 for a client error',
  contextFull: 'prompt too long, told in the stream',
  tooLargePage: '413 page of a server in between',
  breaker: 'three failures in a row',
};

const sightNames: Readonly<Record<ClientSight, string>> = {
  wholeAnswer: 'the whole answer',
  brokenAnswer: 'a truncated answer, visibly so',
  errorEvent: 'an answer that ended with an error',
  falseEnd: 'a truncated answer that looks complete',
  garbledAnswer: 'a mix of different answers',
  endpointsError: 'that error, byte for byte',
  otherError: 'another error',
  nothing: 'no answer',
  left: 'nothing: it had disconnected',
};

const aspectNames: Readonly<Record<DrillAspect, string>> = {
  clientSaw: 'the client saw',
  answeredBy: 'answered by',
  attempts: 'attempts',
  end: 'recorded end',
  endpointsSaw: 'the endpoints saw',
  blame: 'held against the endpoints',
};

const titles = ['fault', 'failed', 'answered by', 'time lost', 'the client saw', 'as designed'];
const widths = [
  Math.max(...Object.values(faultNames).map(({ length }) => length)),
  'failed'.length,
  'answered by'.length,
  'time lost'.length,
  Math.max(...Object.values(sightNames).map(({ length }) => length)),
];

/** The two lines above the rows. */
export function drillHead(): string {
  const intro = `Fault drill: ${drillFaults.length} faults, on two built-in endpoints behind a gateway of its own.`;
  return `${intro}\n\n${line(titles)}\n${line([...widths, 11].map((width) => '-'.repeat(width)))}\n`;
}

/** One line for a fault, and one more for each difference from the design. */
export function drillLines(row: DrillRow): string {
  const cells = [
    faultNames[row.fault],
    row.failed ?? '-',
    row.answeredBy ?? '-',
    msText(row.lostMs),
    sightNames[row.clientSaw],
    row.isAsDesigned ? 'yes' : 'NO',
  ];
  const differences = row.differences.map(({ request, aspect, expected, seen }) => {
    const place = row.requests > 1 ? `request ${request}, ` : '';
    return `    ${place}${aspectNames[aspect]}: expected ${word(aspect, expected)}; was ${word(aspect, seen)}\n`;
  });
  return `${line(cells)}\n${differences.join('')}`;
}

/** The last lines: the number of faults as designed, and the time. */
export function drillSummary(done: DrillDone): string {
  const seconds = (done.totalMs / 1000).toFixed(1);
  const good = done.played - done.failed;
  const healthy =
    done.healthyMs === null
      ? ''
      : ` A healthy request has content after ${msText(done.healthyMs)}; time lost is what came on top.`;
  switch (done.end) {
    case 'finished':
      return `\n${good} of ${done.played} as designed, in ${seconds} s.${healthy}\n`;
    case 'deadline':
      return `\nNot finished within ${seconds} s: ${done.played} of ${drillFaults.length} played, ${good} as designed.\n`;
    case 'stopped':
      return `\nStopped after ${seconds} s: ${done.played} of ${drillFaults.length} played, ${good} as designed.\n`;
    default:
      return done.end satisfies never;
  }
}

function word(aspect: DrillAspect, value: string): string {
  return aspect === 'clientSaw' ? sightNames[value as ClientSight] : value;
}

function msText(ms: number | null): string {
  if (ms === null) return '-';
  return ms < 1 ? '< 1 ms' : `${Math.round(ms)} ms`;
}

function line(cells: readonly string[]): string {
  return cells
    .map((cell, index) => cell.padEnd(widths[index] ?? 0))
    .join('  ')
    .trimEnd();
}
