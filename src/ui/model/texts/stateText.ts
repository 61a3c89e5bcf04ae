import type { EndpointSnapshot } from '../../../contract/snapshot.ts';
import type { EndpointStateName } from '../../../core/endpoint/endpointState.ts';
import type { NodeIcon } from '../treeNode.ts';
import type { Translate, ViewContext } from '../viewContext.ts';
import { durationText } from './durationText.ts';
import { reasonText } from './reasonText.ts';

/** The names of the states. */
export function stateTexts(t: Translate): Readonly<Record<EndpointStateName, string>> {
  return {
    healthy: t('healthy'),
    unused: t('not used yet'),
    degraded: t('degraded'),
    cooling: t('cooling down'),
    halfOpen: t('half-open'),
    open: t('open'),
    suspended: t('key refused'),
    disabled: t('disabled'),
    keyMissing: t('key missing'),
  };
}

/** The name of a state. */
export function stateName(state: EndpointStateName, t: Translate): string {
  return stateTexts(t)[state];
}

/** A distinct icon for each state, so that colour is not needed to tell them apart. */
export function stateIcon(state: EndpointStateName): NodeIcon {
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
      return { id: 'debug-restart', color: 'list.warningForeground' };
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

/** Whether requests can go there, possibly for some models only. */
export function isUsable({ state }: Pick<EndpointSnapshot, 'state'>): boolean {
  return state === 'healthy' || state === 'unused' || state === 'degraded' || state === 'halfOpen';
}

/** Whether it is out of order; a disabled endpoint is not. */
export function isBroken({ state }: Pick<EndpointSnapshot, 'state'>): boolean {
  return state === 'open' || state === 'suspended' || state === 'cooling' || state === 'keyMissing';
}

/** The reason for an endpoint's state without its end, for screen readers. Empty if there is none. */
export function whyText(endpoint: EndpointSnapshot, t: Translate): string {
  const { state, reason, why } = endpoint;
  switch (state) {
    case 'disabled':
      return endpoint.isOverridden ? t('disabled until the settings change') : t('disabled');
    case 'keyMissing':
      return t('key missing');
    case 'halfOpen':
      return t('half-open: the next request is its trial');
    case 'healthy':
    case 'unused':
      return '';
    case 'degraded':
      return reasonText(endpoint, t);
    default:
      if (reason === '' || why?.code === state) return stateName(state, t);
      return t('{0}: {1}', stateName(state, t), reasonText(endpoint, t));
  }
}

/** The time at which the state ends, with a leading comma; empty without an end. */
function untilText({ state, untilMs }: EndpointSnapshot, { t, timeOfDay }: ViewContext): string {
  return untilMs === null || state === 'halfOpen' ? '' : `, ${t('until {0}', timeOfDay(untilMs))}`;
}

/** The state with its end as a time of day; contains nothing that changes by itself. */
export function steadyText(endpoint: EndpointSnapshot, context: ViewContext): string {
  return (whyText(endpoint, context.t) || stateName(endpoint.state, context.t)) + untilText(endpoint, context);
}

/** The state with reason and end: `open: connection refused, retry in 42 s`. */
export function whyUntilText(endpoint: EndpointSnapshot, { t, nowMs }: ViewContext): string {
  const why = whyText(endpoint, t);
  if (endpoint.untilMs === null || why === '' || endpoint.state === 'halfOpen') return why;
  const leftMs = endpoint.untilMs - nowMs;
  if (leftMs <= 0) return t('{0}, retry any moment', why);
  const left = durationText(leftMs, t);
  return endpoint.state === 'degraded' ? t('{0}, for {1}', why, left) : t('{0}, retry in {1}', why, left);
}
