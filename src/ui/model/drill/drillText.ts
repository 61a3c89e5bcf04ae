import type {
  ClientSight,
  DrillAspect,
  DrillDifference,
  DrillDone,
  DrillEndpoint,
  DrillFault,
  DrillRow,
} from '../../../contract/drill.ts';
import { latencyText } from '../texts/durationText.ts';
import { capitalised } from '../texts/warmUpText.ts';
import type { Translate } from '../viewContext.ts';
import { drillExplanation } from './drillExplanation.ts';

/** The result of a drill: the faults played, and its end. */
export interface DrillResult {
  readonly rows: readonly DrillRow[];
  readonly done: DrillDone;
}

/** The progress text: `3 of 13: an overloaded endpoint (529)`. */
export function drillProgressText(faults: readonly DrillFault[], played: number, t: Translate): string {
  const fault = faults[played];
  return fault === undefined ? '' : t('{0} of {1}: {2}', played + 1, faults.length, faultName(fault, t));
}

/** The result as a Markdown document; its heading states whether everything was as designed. */
export function drillDocument({ rows, done }: DrillResult, faultCount: number, t: Translate): string {
  const different = rows.filter(({ isAsDesigned }) => !isAsDesigned);
  const parts = [
    `# ${headline(done, faultCount, t)}`,
    introduction(done, t),
    ...(rows.length === 0 ? [] : [table(rows, t)]),
    ...(different.length === 0 ? [] : [differencesText(different, t)]),
    ...(rows.length === 0 ? [] : [explanations(rows, t)]),
  ];
  return `${parts.join('\n\n')}\n`;
}

/** The document before the first result. */
export function emptyDrillDocument(t: Translate): string {
  return `# ${t('No fault drill has been run yet.')}\n\n${t('Run the command "Signalbox: Run Fault Drill". It takes a few seconds.')}\n`;
}

/** The name of a fault, for use inside a sentence. */
function faultName(fault: DrillFault, t: Translate): string {
  switch (fault) {
    case 'rateLimit':
      return t('a rate limit with a reset time (429)');
    case 'rateLimitWithoutReset':
      return t('a rate limit without a reset time (429)');
    case 'overloaded':
      return t('an overloaded endpoint (529)');
    case 'refused':
      return t('an endpoint that refuses connections');
    case 'silent':
      return t('an endpoint that says nothing');
    case 'cutBeforeContent':
      return t('a connection that breaks before the answer has begun');
    case 'cutAfterContent':
      return t('a connection that breaks in the middle of the answer');
    case 'errorBeforeContent':
      return t('an error in the stream before the answer has begun');
    case 'errorAfterContent':
      return t('an error in the stream in the middle of the answer');
    case 'badKey':
      return t('a key that is refused (401)');
    case 'emptyAccount':
      return t('an account without credit (400)');
    case 'errorInBody':
      return t('an error inside an answer with status 200');
    case 'clientLeaves':
      return t('a client that disconnects');
    case 'badRequest':
      return t('a request that is wrong (400)');
    case 'contextFull':
      return t('a prompt that is too long, as the stream says');
    case 'tooLargePage':
      return t('a request that is too large, as a page says (413)');
    case 'breaker':
      return t('three failures in a row');
    default:
      return fault satisfies never;
  }
}

/** The client's result as a noun phrase. */
function sightText(sight: ClientSight, t: Translate): string {
  switch (sight) {
    case 'wholeAnswer':
      return t('the whole answer');
    case 'brokenAnswer':
      return t('an answer that broke off visibly');
    case 'errorEvent':
      return t('an answer that ended with an error');
    case 'falseEnd':
      return t('a partial answer that looked complete');
    case 'garbledAnswer':
      return t('parts of answers that do not belong together');
    case 'endpointsError':
      return t("the endpoint's error, byte for byte");
    case 'otherError':
      return t('another error');
    case 'nothing':
      return t('no answer');
    case 'left':
      return t('nothing: it had disconnected');
    default:
      return sight satisfies never;
  }
}

function headline({ end, isAsDesigned, played, failed }: DrillDone, faultCount: number, t: Translate): string {
  if (end !== 'finished') return t('The drill did not finish: {0} of {1} faults were played.', played, faultCount);
  if (isAsDesigned) return t('All {0} faults went as designed.', played);
  return t('{0} of {1} faults did not go as designed.', failed, played);
}

function introduction({ end, isAsDesigned, healthyMs, totalMs }: DrillDone, t: Translate): string {
  const sentences = [
    t(
      'The drill took {0}. It ran on a separate gateway with two built-in endpoints and did not touch your endpoints, keys or settings.',
      latencyText(totalMs, t),
    ),
  ];
  if (healthyMs !== null) {
    const usual = latencyText(Math.max(1, healthyMs), t);
    sentences.push(
      t('A healthy request had the beginning of its answer after {0}; time lost is what came on top.', usual),
    );
  }
  if (end !== 'finished' || !isAsDesigned) {
    sentences.push(
      t(
        'Perhaps this machine was very busy, or a security program stood in the way: run the drill again. If it stays so, report it as a fault of Signalbox, with this page.',
      ),
    );
  }
  return sentences.join('\n\n');
}

function table(rows: readonly DrillRow[], t: Translate): string {
  const titles = [
    t('Fault'),
    t('Failed'),
    t('Answered'),
    unbroken(t('Time lost')),
    t('The client saw'),
    unbroken(t('As designed')),
  ];
  const lines = rows.map((row) => [
    capitalised(faultName(row.fault, t)),
    endpointText(row.failed, t),
    endpointText(row.answeredBy, t),
    unbroken(lostText(row.lostMs, t)),
    sightText(row.clientSaw, t),
    unbroken(row.isAsDesigned ? `✓ ${t('yes')}` : `✗ **${t('no')}**`),
  ]);
  const alignments = ['---', '---', '---', '--:', '---', '---'];
  return [titles, alignments, ...lines].map((cells) => `| ${cells.join(' | ')} |`).join('\n');
}

function differencesText(rows: readonly DrillRow[], t: Translate): string {
  const items = rows.flatMap((row) => {
    const lines = row.differences.map((one) => `  - ${differenceText(one, row.requests, t)}`);
    return [`- **${capitalised(faultName(row.fault, t))}**`, ...lines];
  });
  return `## ${t('Differences')}\n\n${items.join('\n')}`;
}

function differenceText({ request, aspect, expected, seen }: DrillDifference, requests: number, t: Translate): string {
  const words = t(
    '{0}: expected {1}, got {2}',
    aspectText(aspect, t),
    valueText(aspect, expected, t),
    valueText(aspect, seen, t),
  );
  return requests > 1 ? t('request {0} of {1}: {2}', request, requests, words) : words;
}

function valueText(aspect: DrillAspect, value: string, t: Translate): string {
  return aspect === 'clientSaw' ? sightText(value as ClientSight, t) : `\`${value.replaceAll('`', "'")}\``;
}

function aspectText(aspect: DrillAspect, t: Translate): string {
  switch (aspect) {
    case 'clientSaw':
      return t('what the client saw');
    case 'answeredBy':
      return t('the answering endpoint');
    case 'attempts':
      return t('attempts');
    case 'end':
      return t('recorded end');
    case 'endpointsSaw':
      return t('what the endpoints saw');
    case 'blame':
      return t('the state of the endpoints');
    default:
      return aspect satisfies never;
  }
}

function explanations(rows: readonly DrillRow[], t: Translate): string {
  const items = rows.map(({ fault }) => `- **${capitalised(faultName(fault, t))}**  \n  ${drillExplanation(fault, t)}`);
  return `## ${t('The faults and their expected handling')}\n\n${items.join('\n')}`;
}

function endpointText(endpoint: DrillEndpoint | null, t: Translate): string {
  switch (endpoint) {
    case 'first':
      return t('first');
    case 'second':
      return t('second');
    case null:
      return '–';
    default:
      return endpoint satisfies never;
  }
}

function lostText(ms: number | null, t: Translate): string {
  if (ms === null) return '–';
  return ms < 1 ? t('< {0} ms', 1) : latencyText(ms, t);
}

/** Non-breaking spaces keep numbers and units together in narrow columns. */
function unbroken(text: string): string {
  return text.replaceAll(' ', '\u00a0');
}
