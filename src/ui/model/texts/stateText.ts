import { minuteMs, secondMs } from '../../../base/time.ts';
import type { EndpointSnapshot } from '../../../contract/snapshot.ts';
import type { EndpointStateName } from '../../../core/endpoint/endpointState.ts';
import type { Reason } from '../../../core/outcome/reason.ts';
import type { NodeIcon } from '../treeNode.ts';
import type { Translate, ViewContext } from '../viewContext.ts';
import { reasonText, wordedReason } from './reasonText.ts';
import { isStateCode, type StateCode, stateWords } from './stateWords.ts';

/** The names of the states, for lists and legends; the state of one endpoint is `shortText` or `steadyText`. */
export function stateTexts(t: Translate): Readonly<Record<EndpointStateName, string>> {
  return {
    healthy: t('healthy'),
    unused: t('not used yet'),
    degraded: t('impaired'),
    cooling: t('on hold'),
    halfOpen: t('on trial'),
    open: t('paused'),
    suspended: t('key refused'),
    disabled: t('disabled'),
    keyMissing: t('key missing'),
  };
}

/** The name of a state. */
export function stateName(state: EndpointStateName, t: Translate): string {
  return stateTexts(t)[state];
}

/** A distinct icon for each state, so that colour is not needed to tell them apart. Green is what is usable for all requests. */
export function stateIcon({ state, isUsable }: Pick<EndpointSnapshot, 'state' | 'isUsable'>): NodeIcon {
  switch (state) {
    case 'healthy':
      return { id: 'pass-filled', color: 'testing.iconPassed' };
    case 'unused':
      return { id: 'circle-large-outline', color: 'testing.iconPassed' };
    case 'degraded':
      return { id: 'warning', color: 'list.warningForeground' };
    case 'cooling':
      return { id: 'watch', color: 'list.warningForeground' };
    case 'halfOpen':
      return { id: 'debug-restart', color: isUsable ? 'testing.iconPassed' : 'list.warningForeground' };
    case 'open':
      return { id: 'error', color: 'list.errorForeground' };
    case 'suspended':
      return { id: 'lock', color: 'list.errorForeground' };
    case 'disabled':
      return { id: 'circle-slash', color: 'disabledForeground' };
    case 'keyMissing':
      return { id: 'key', color: 'list.warningForeground' };
    default:
      return { id: state satisfies never };
  }
}

/** Whether an endpoint that is wanted cannot be counted on now. */
export function isOut({ isEnabled, isUsable }: Pick<EndpointSnapshot, 'isEnabled' | 'isUsable'>): boolean {
  return isEnabled && !isUsable;
}

/** The state for a row, time first: `54 s left · paused: connection refused`. Empty if there is nothing to say. */
export function shortText(endpoint: EndpointSnapshot, context: ViewContext): string {
  const words = wordsOf(endpoint, 'short', context.t);
  const left = words === '' ? '' : leftText(endpoint, context);
  return [left, words].filter((part) => part !== '').join(' · ');
}

/**
 * The state in a clause, with its end as a time of day: `paused after 3 failures: connection refused, back at 21:05`. Contains
 * nothing that changes by itself.
 */
export function steadyText(endpoint: EndpointSnapshot, { t, clock }: ViewContext): string {
  const words = stateText(endpoint, t);
  const endMs = endOf(endpoint);
  const code = codeOf(endpoint);
  const until = code === undefined ? undefined : stateWords[code].until;
  return endMs === null || until === undefined ? words : until(words, clock(endMs), t);
}

/** The state without its end. */
export function stateText(endpoint: EndpointSnapshot, t: Translate): string {
  return wordsOf(endpoint, 'long', t) || stateName(endpoint.state, t);
}

/** The time at which the state ends: `until 21:05`; empty without an end. */
export function untilText(endpoint: EndpointSnapshot, { t, nowMs, clock }: ViewContext): string {
  const endMs = endOf(endpoint);
  return endMs === null || endMs <= nowMs ? '' : t('until {0}', clock(endMs));
}

/** The same, counted down where it is less than two minutes. */
function leftText(endpoint: EndpointSnapshot, context: ViewContext): string {
  const { t, nowMs } = context;
  const endMs = endOf(endpoint);
  if (endMs === null) return '';
  const leftMs = endMs - nowMs;
  if (leftMs <= 0) return t('any moment');
  return leftMs < 2 * minuteMs ? t('{0} left', t('{0} s', Math.ceil(leftMs / secondMs))) : untilText(endpoint, context);
}

/** The end of a trial is nothing to wait for. */
function endOf({ state, untilMs }: EndpointSnapshot): number | null {
  return state === 'halfOpen' ? null : untilMs;
}

/** Empty if there is nothing to say; the gateway's English where it is of another version. */
function wordsOf(endpoint: EndpointSnapshot, form: 'short' | 'long', t: Translate): string {
  const { state, isOverridden, why } = endpoint;
  if (state === 'disabled' && isOverridden && form === 'long') return t('disabled until the settings change');
  return (why === undefined ? undefined : worded(why, form, t)) ?? reasonText(endpoint, t);
}

function worded(why: Reason, form: 'short' | 'long', t: Translate): string | undefined {
  return isStateCode(why.code) ? wordedReason(stateWords[why.code][form](t), why, t) : undefined;
}

function codeOf({ why }: EndpointSnapshot): StateCode | undefined {
  return why !== undefined && isStateCode(why.code) ? why.code : undefined;
}
