import type { EndpointSnapshot, Owner } from '../../../contract/snapshot.ts';
import { claudeService } from '../claudeService.ts';
import { agoText, latencyText, percentText } from '../texts/durationText.ts';
import { proxySource } from '../texts/proxySource.ts';
import { reasonText } from '../texts/reasonText.ts';
import { stateIcon, steadyText } from '../texts/stateText.ts';
import { warmUpText } from '../texts/warmUpText.ts';
import { plainLine, type TreeNode } from '../treeNode.ts';
import type { Translate, ViewContext } from '../viewContext.ts';

/** The details of an endpoint, one line each; lines without content are left out. */
export function endpointDetails(endpoint: EndpointSnapshot, context: ViewContext, owner: Owner = 'window'): TreeNode[] {
  const { t } = context;
  const line = (part: string, label: string, description: string, icon: string): TreeNode[] =>
    description === ''
      ? []
      : [{ id: `${endpoint.id}/${part}`, label, description, icon: { id: icon }, contextValue: part }];
  return [
    {
      id: `${endpoint.id}/state`,
      label: t('State'),
      description: stateLine(endpoint, context),
      accessibilityLabel: `${t('State')}: ${steadyText(endpoint, context)}`,
      icon: stateIcon(endpoint),
    },
    ...line('lastError', t('Last error'), lastErrorLine(endpoint, context), 'flame'),
    ...line('breaker', t('Circuit breaker'), breakerLine(endpoint, t), 'shield'),
    ...endpoint.cooldowns.map((cooldown): TreeNode => cooldownNode(endpoint.id, cooldown, context)),
    ...line('latency', t('First byte'), latencyLine(endpoint, t), 'dashboard'),
    ...line('requests', t('Requests'), requestsLine(endpoint, t), 'arrow-both'),
    ...line('connections', t('Connections'), connectionsLine(endpoint, t), 'plug'),
    ...line('sessions', t('Bound sessions'), String(endpoint.sessionCount), 'link'),
    ...line('warmUp', t('Last check'), warmUpLine(endpoint, context), 'zap'),
    ...line('serves', t('Serves'), servesLine(endpoint, t), 'symbol-interface'),
    ...line('url', t('Address'), endpoint.baseUrl, 'globe'),
    ...line('proxy', t('Network proxy'), proxySource(endpoint.proxyFrom, { owner }, t), 'milestone'),
  ];
}

function cooldownNode(endpointId: string, cooldown: EndpointSnapshot['cooldowns'][number], context: ViewContext) {
  const { t, clock } = context;
  const { scope, untilMs, quotaUntilMs } = cooldown;
  const label = t('Cooldown of {0}', scopeText(scope, t));
  const reason = reasonText(cooldown, t);
  // A limit documented to last for days is tried earlier; the documented end is shown.
  const quota = quotaUntilMs === null ? '' : ` · ${t('the limit ends {0}', clock(quotaUntilMs))}`;
  const description = `${t('until {0}', clock(untilMs))} · ${reason}${quota}`;
  return {
    id: `${endpointId}/cooldown/${scope}`,
    label,
    description,
    accessibilityLabel: `${label}: ${description}`,
    icon: { id: 'watch' },
  };
}

function stateLine(endpoint: EndpointSnapshot, context: ViewContext): string {
  const { t } = context;
  const what = steadyText(endpoint, context);
  return endpoint.sinceMs === null ? what : t('{0} (since {1})', what, context.timeOfDay(endpoint.sinceMs));
}

function lastErrorLine({ lastError }: EndpointSnapshot, context: ViewContext): string {
  if (lastError === null) return '';
  return `${reasonText(lastError, context.t)} · ${agoText(lastError.atMs, context)}`;
}

function breakerLine({ breaker }: EndpointSnapshot, t: Translate): string {
  const name = breaker.state === 'closed' ? t('closed') : breaker.state === 'open' ? t('open') : t('half-open');
  const { consecutiveFailures: failures } = breaker;
  return failures === 0 ? name : `${name} · ${t('failures in a row: {0}', failures)}`;
}

/** The scope of a cooldown in words. */
function scopeText(scope: string, t: Translate): string {
  if (scope === 'endpoint') return t('the endpoint');
  if (scope === 'key') return t('the key');
  return plainLine(scope.replace(/^(?:family|model):/, '')) || t('requests without a model');
}

function latencyLine({ firstByteMs, successRate }: EndpointSnapshot, t: Translate): string {
  if (firstByteMs === null) return '';
  const { p50, p95 } = firstByteMs;
  const times = t('median {0}, p95 {1}', latencyText(p50, t), latencyText(p95, t));
  return successRate === null ? times : `${times} · ${t('{0} succeed', percentText(successRate))}`;
}

function requestsLine({ requestCount, inFlight, waiting }: EndpointSnapshot, t: Translate): string {
  const parts = [t('{0} in total', requestCount), t('{0} running', inFlight)];
  return [...parts, ...(waiting > 0 ? [t('{0} waiting', waiting)] : [])].join(' · ');
}

function connectionsLine({ connections }: EndpointSnapshot, t: Translate): string {
  const open = t('{0} open', connections.open);
  if (connections.reuseRate === null) return open;
  return `${open} · ${t('{0} reused', percentText(connections.reuseRate))}`;
}

function servesLine(endpoint: EndpointSnapshot, t: Translate): string {
  return claudeService(endpoint) === 'translated' ? t('OpenAI clients, and Claude Code by translation') : '';
}

function warmUpLine({ lastWarmUp }: EndpointSnapshot, context: ViewContext): string {
  if (lastWarmUp === null) return '';
  return `${warmUpText(lastWarmUp, context.t)} · ${agoText(lastWarmUp.atMs, context)}`;
}
