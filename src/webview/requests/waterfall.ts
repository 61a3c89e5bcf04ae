import type { DashboardTexts } from '../../contract/dashboardTexts.ts';
import { element } from '../elements/element.ts';
import type { AttemptRow, RequestDetails } from './requestModels.ts';

/** The details of a request: its facts, and its attempts on a common time axis. */
export function detailsElement(details: RequestDetails, texts: DashboardTexts): HTMLElement {
  const { requests } = texts;
  const attempts =
    details.attempts.length === 0
      ? [element('p', {}, requests.noAttempts)]
      : [
          element(
            'ol',
            { class: 'waterfall', 'aria-label': requests.waterfall },
            ...details.attempts.map(attemptElement),
          ),
          element(
            'p',
            { class: 'waterfall-legend' },
            element('span', { class: 'stretch-sign waiting', 'aria-hidden': 'true' }),
            requests.waiting,
            element('span', { class: 'stretch-sign answering', 'aria-hidden': 'true' }),
            requests.answering,
          ),
        ];
  return element(
    'div',
    { class: 'request-details' },
    factList(details.facts),
    ...attempts,
    ...(details.passedOver.length === 0 ? [] : [factList(details.passedOver)]),
  );
}

function attemptElement({ title, endpoint, ink, outcome, time, stretches, facts }: AttemptRow): HTMLElement {
  const track = element('div', { class: 'track', 'aria-hidden': 'true' });
  for (const { from, width, kind } of stretches) {
    const part = element('span', { class: `stretch ${kind} ink-${ink}` });
    part.style.left = `${from.toFixed(2)}%`;
    part.style.width = `max(2px, ${width.toFixed(2)}%)`;
    track.append(part);
  }
  return element(
    'li',
    { class: 'attempt' },
    element(
      'div',
      { class: 'attempt-head' },
      element('span', { class: 'attempt-title' }, title),
      element('b', {}, endpoint),
      element(
        'span',
        { class: 'attempt-outcome' },
        element('span', { class: `dot ink-${ink}`, 'aria-hidden': 'true' }),
        outcome,
      ),
      element('span', { class: 'attempt-time' }, time),
    ),
    track,
    factList(facts),
  );
}

function factList(facts: readonly (readonly [name: string, value: string])[]): HTMLElement {
  const items = facts.map(([name, value]) =>
    element('li', {}, ...(name === '' ? [] : [element('span', { class: 'fact-name' }, name), ' ']), value),
  );
  return element('ul', { class: 'facts' }, ...items);
}
