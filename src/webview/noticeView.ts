import { button, element } from './elements/element.ts';
import type { Notice } from './noticeModels.ts';

/** A notice with its buttons; redrawn only when its text changes, so that screen readers read it once. */
export class NoticeView {
  readonly root: HTMLElement;
  readonly #run: (action: Notice['buttons'][number]['action']) => void;
  #shown = '';

  constructor(place: 'whole' | 'banner', run: (action: Notice['buttons'][number]['action']) => void) {
    this.root = element('div', { class: `notice-place ${place}`, 'aria-live': 'polite', hidden: true });
    this.#run = run;
  }

  show(notice: Notice | undefined): void {
    const signature = JSON.stringify(notice ?? null);
    if (signature === this.#shown) return;
    this.#shown = signature;
    this.root.hidden = notice === undefined;
    this.root.replaceChildren(...(notice === undefined ? [] : [this.#draw(notice)]));
  }

  #draw({ kind, title, body, buttons }: Notice): HTMLElement {
    const actions = buttons.map(({ label, action }, index) =>
      button(label, () => this.#run(action), { class: index === 0 ? 'primary' : 'secondary' }),
    );
    return element(
      'div',
      { class: `notice ${kind}`, 'data-notice': kind },
      ...(kind === 'busy' ? [element('div', { class: 'progress', 'aria-hidden': 'true' })] : []),
      element('p', { class: 'notice-title' }, title),
      ...(body === '' ? [] : [element('p', {}, body)]),
      ...(actions.length === 0 ? [] : [element('div', { class: 'notice-buttons' }, ...actions)]),
    );
  }
}
