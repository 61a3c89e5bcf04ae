import type { StoredRequest } from '../../../contract/metrics.ts';
import type { Snapshot } from '../../../contract/snapshot.ts';
import { formatNames } from '../../../core/record/formatNames.ts';
import type { AttemptRecord, RequestRecord } from '../../../core/record/record.ts';
import { answeredBy, neverTried } from '../../../core/record/requestEnd.ts';
import { treatableErrors } from '../errorRule.ts';
import { classText } from '../texts/classText.ts';
import { clientName } from '../texts/clientName.ts';
import { latencyText, tokensText, usdText } from '../texts/durationText.ts';
import { listText } from '../texts/listText.ts';
import { choiceText, reasonText } from '../texts/reasonText.ts';
import { shortModel } from '../texts/shortModel.ts';
import { type NodeIcon, plainLine, plainMarkdown, type TreeNode } from '../treeNode.ts';
import type { Translate, ViewContext } from '../viewContext.ts';

type RequestsSource = Pick<Snapshot, 'requests' | 'endpoints'>;
type NameOf = (endpointId: string | undefined) => string;

/** The Requests view: the last requests, newest first, each with its attempts and the reasons for its endpoints. */
export function requestTree({ requests, endpoints }: RequestsSource, context: ViewContext): TreeNode[] {
  const names = new Map(endpoints.map(({ id, name }) => [id, name]));
  const nameOf: NameOf = (id) => (id === undefined ? context.t('no endpoint') : (names.get(id) ?? id));
  return requests.map((request) => requestNode(request, nameOf, context));
}

function requestNode(request: StoredRequest, nameOf: NameOf, context: ViewContext): TreeNode {
  const { t } = context;
  const model = plainLine(request.model || request.route);
  const time = context.timeOfDay(request.startedWallMs);
  const end = endText(request, nameOf, context);
  const description = [
    time,
    end,
    isTranslated(request) ? t('by translation') : '',
    request.firstByteMs === undefined ? '' : latencyText(request.firstByteMs, t),
    request.costUsd === null ? '' : usdText(request.costUsd),
    usageText(request, context),
  ];
  return {
    id: request.id,
    label: shortModel(model),
    description: description.filter((part) => part !== '').join(' · '),
    tooltip: requestTooltip(request, end, context),
    icon: requestIcon(request),
    contextValue: contextWords(request),
    accessibilityLabel: listText(
      [model, end.replace('→ ', ''), isTranslated(request) ? t('by translation') : '', time],
      t,
    ),
    subject: request.id,
    children: [
      ...request.attempts.map((attempt, index) => attemptNode(attempt, request.id, index, nameOf, context)),
      ...skippedNodes(neverTried(request), request.id, nameOf, context),
    ],
  };
}

/** Whether the answer came from an endpoint of another API than the client's. */
export function isTranslated({ terminal, attempts }: RequestRecord): boolean {
  return terminal !== 'gatewayError' && attempts.at(-1)?.translation !== undefined;
}

/** The words that menus in the manifest match. */
function contextWords(request: StoredRequest): string {
  const words = [
    'request',
    request.sessionId === undefined ? '' : 'ofSession',
    treatableErrors(request).length > 0 ? 'treatable' : '',
  ];
  return words.filter((word) => word !== '').join(' ');
}

/** The answer's endpoint, and all that is special about the end: `→ Relay`, `400 from Relay`. */
function endText(request: StoredRequest, nameOf: NameOf, { t }: ViewContext): string {
  const { terminal, status, attempts } = request;
  const by = nameOf(answeredBy(request));
  switch (terminal) {
    case 'ok':
      return attempts.length > 1 ? t('→ {0} at attempt {1}', by, attempts.length) : `→ ${by}`;
    case 'clientAbort':
      return t('cancelled by the client');
    case 'truncated':
      return t('stream broke: {0}', by);
    case 'endpointError':
      return status === undefined ? t('failed: {0}', by) : t('{0} from {1}', status, by);
    case 'gatewayError':
      return [t('no endpoint left'), ...lastReason(request, nameOf, t)].join(' · ');
    default:
      return terminal satisfies never;
  }
}

/** Why the last attempt failed; without one, why an endpoint could not be asked. */
function lastReason({ attempts, passedOver }: StoredRequest, nameOf: NameOf, t: Translate): string[] {
  const last = attempts.at(-1);
  if (last !== undefined) return [t('last: {0}', reasonText(last, t))];
  const [skipped] = passedOver;
  return skipped === undefined ? [] : [t('{0}: {1}', nameOf(skipped.endpointId), reasonText(skipped, t))];
}

function requestTooltip(request: StoredRequest, end: string, context: ViewContext): string {
  const { t } = context;
  const total = t('{0} in total', latencyText(request.totalMs, t));
  const first = request.firstByteMs === undefined ? [] : [t('first byte {0}', latencyText(request.firstByteMs, t))];
  const money = request.costUsd === null ? [] : [usdText(request.costUsd)];
  const usage = [usageText(request, context)].filter((part) => part !== '');
  const session = request.sessionId === undefined ? [] : [t('Session {0}', request.sessionId.slice(0, 8))];
  const lines = [
    [plainLine(request.model || request.route), end],
    [context.timeOfDay(request.startedWallMs), request.route, ...first, total],
    [...usage, ...money],
    [clientName(request.client, t), ...session, t('Request {0}', request.id)],
  ];
  return lines
    .filter((parts) => parts.length > 0)
    .map((parts) => plainMarkdown(parts.join(' · ')))
    .join('\n\n');
}

function requestIcon({ terminal, attempts }: RequestRecord): NodeIcon {
  switch (terminal) {
    case 'ok':
      return attempts.length > 1
        ? { id: 'arrow-swap', color: 'list.warningForeground' }
        : { id: 'pass', color: 'testing.iconPassed' };
    case 'clientAbort':
      return { id: 'circle-slash', color: 'disabledForeground' };
    case 'truncated':
      return { id: 'warning', color: 'list.warningForeground' };
    default:
      // Client errors are not shown in red.
      return attempts.at(-1)?.class === 'request'
        ? { id: 'circle-slash', color: 'list.warningForeground' }
        : { id: 'error', color: 'list.errorForeground' };
  }
}

function usageText({ usage, dialect }: RequestRecord, { t }: ViewContext): string {
  if (usage === undefined) return '';
  const { inputTokens, cacheReadTokens = 0, cacheWriteTokens = 0, outputTokens } = usage;
  // OpenAI includes cached tokens in the input, Anthropic reports them separately.
  const cached = dialect === 'anthropic' ? cacheReadTokens + cacheWriteTokens : 0;
  const parts = [
    inputTokens === undefined && cached === 0 ? '' : t('{0} in', tokensText((inputTokens ?? 0) + cached)),
    outputTokens === undefined ? '' : t('{0} out', tokensText(outputTokens)),
  ];
  return listText(parts, t);
}

/** The format that the endpoint was asked in, where it was not the client's, and what could not be carried over. */
function translationNodes(translation: AttemptRecord['translation'], id: string, { t }: ViewContext): TreeNode[] {
  if (translation === undefined) return [];
  const { to, losses } = translation;
  const lost = {
    id: `${id}/lost`,
    label: t('Not carried over'),
    description: losses.map((path) => plainLine(path, 80)).join(t(', ')),
    icon: { id: 'diff-removed' },
  };
  const node = {
    id: `${id}/translation`,
    label: t('Translated'),
    description: formatNames[to],
    icon: { id: 'symbol-interface' },
  };
  return losses.length === 0 ? [node] : [node, lost];
}

function attemptNode(
  attempt: AttemptRecord,
  requestId: string,
  index: number,
  nameOf: NameOf,
  context: ViewContext,
): TreeNode {
  const { t } = context;
  const isSuccess = attempt.class === 'success';
  const id = `${requestId}/${index}`;
  const what = isSuccess ? t('ok') : reasonText(attempt, t);
  return {
    id,
    label: `${index + 1}. ${nameOf(attempt.endpointId)}`,
    description: `${what} · ${latencyText(attempt.totalMs, t)}`,
    icon: isSuccess
      ? { id: 'pass', color: 'testing.iconPassed' }
      : { id: 'close', color: attempt.class === 'request' ? 'list.warningForeground' : 'list.errorForeground' },
    children: [
      ...(isSuccess
        ? []
        : [
            {
              id: `${id}/class`,
              label: t('Kind of failure'),
              description: listText(
                [classText(attempt.class, t), attempt.maybeBilled ? t('may have been billed') : ''],
                t,
              ),
              icon: { id: 'symbol-enum' },
            },
          ]),
      {
        id: `${id}/why`,
        label: t('Chosen'),
        description: choiceText(attempt, t),
        icon: { id: 'target' },
      },
      ...translationNodes(attempt.translation, id, context),
      ...skippedNodes(attempt.passedOver, id, nameOf, context),
      {
        id: `${id}/connection`,
        label: t('Connection'),
        description: attempt.isReusedConnection ? t('reused connection') : t('a new one'),
        icon: { id: 'plug' },
      },
    ],
  };
}

/** The reason for skipping each other endpoint. */
function skippedNodes(
  passedOver: AttemptRecord['passedOver'],
  under: string,
  nameOf: NameOf,
  { t }: ViewContext,
): TreeNode[] {
  return passedOver.map((one) => ({
    id: `${under}/passedOver/${one.endpointId}`,
    label: t('Skipped: {0}', nameOf(one.endpointId)),
    description: reasonText(one, t),
    icon: { id: 'debug-step-over' },
  }));
}
