import type { Snapshot } from '../../../contract/snapshot.ts';
import type { AttemptRecord, RequestRecord } from '../../../core/record/record.ts';
import { treatableErrors } from '../errorRule.ts';
import { classText } from '../texts/classText.ts';
import { clientName } from '../texts/clientName.ts';
import { latencyText, tokensText } from '../texts/durationText.ts';
import { choiceText, reasonText } from '../texts/reasonText.ts';
import { type NodeIcon, plainLine, plainMarkdown, type TreeNode } from '../treeNode.ts';
import type { ViewContext } from '../viewContext.ts';

type RequestsSource = Pick<Snapshot, 'requests' | 'endpoints'>;
type NameOf = (endpointId: string | undefined) => string;

/** The Requests view: the last requests, newest first, each with its attempts and the reasons for its endpoints. */
export function requestTree({ requests, endpoints }: RequestsSource, context: ViewContext): TreeNode[] {
  const names = new Map(endpoints.map(({ id, name }) => [id, name]));
  const nameOf: NameOf = (id) => (id === undefined ? context.t('no endpoint') : (names.get(id) ?? id));
  return requests.map((request) => requestNode(request, nameOf, context));
}

function requestNode(request: RequestRecord, nameOf: NameOf, context: ViewContext): TreeNode {
  const { t } = context;
  const label = plainLine(request.model || request.route);
  const end = endText(request, context);
  const shownId = request.endpointId ?? request.attempts.at(-1)?.endpointId;
  const description = [
    request.attempts.length === 0 ? '' : nameOf(shownId),
    end,
    request.firstByteMs === undefined ? '' : latencyText(request.firstByteMs, t),
    usageText(request, context),
  ];
  const time = context.timeOfDay(request.startedWallMs);
  return {
    id: request.id,
    label,
    description: description.filter((part) => part !== '').join(' · '),
    tooltip: [
      `**${time}** · \`${request.route}\``,
      t('{0} · {1} in total', plainMarkdown(clientName(request.client, t)), latencyText(request.totalMs, t)),
    ].join('\n\n'),
    icon: requestIcon(request),
    contextValue: ['request', ...(treatableErrors(request).length > 0 ? ['treatable'] : [])].join(' '),
    accessibilityLabel: [label, end || t('ok'), nameOf(shownId), time].join(', '),
    subject: request.id,
    children: [
      ...request.attempts.map((attempt, index) => attemptNode(attempt, request.id, index, nameOf, context)),
      ...passedOverNodes(request.passedOver, request.id, nameOf, context),
    ],
  };
}

/** The end of the request: its status or what happened instead; empty if it succeeded first time. */
function endText({ terminal, status, attempts }: RequestRecord, { t }: ViewContext): string {
  switch (terminal) {
    case 'ok':
      return attempts.length > 1 ? t('succeeded at attempt {0}', attempts.length) : '';
    case 'clientAbort':
      return t('cancelled by the client');
    case 'truncated':
      return t('stream broke');
    default:
      return status === undefined ? t('failed') : String(status);
  }
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
  return [
    inputTokens === undefined && cached === 0 ? '' : t('{0} in', tokensText((inputTokens ?? 0) + cached)),
    outputTokens === undefined ? '' : t('{0} out', tokensText(outputTokens)),
  ]
    .filter((part) => part !== '')
    .join(', ');
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
              description: classText(attempt.class, t) + (attempt.maybeBilled ? `, ${t('may have been billed')}` : ''),
              icon: { id: 'symbol-enum' },
            },
          ]),
      {
        id: `${id}/why`,
        label: t('Chosen'),
        description: choiceText(attempt, t),
        icon: { id: 'target' },
      },
      ...passedOverNodes(attempt.passedOver, id, nameOf, context),
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
function passedOverNodes(
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
