type Child = Node | string;

/** Attributes by name; `true` is an empty one, `false` and undefined none. */
export type Attributes = Readonly<Record<string, string | number | boolean | undefined>>;

/** A new element with attributes and children. */
export function element<K extends keyof HTMLElementTagNameMap>(
  name: K,
  attributes: Attributes = {},
  ...children: readonly Child[]
): HTMLElementTagNameMap[K] {
  const made = document.createElement(name);
  setAttributes(made, attributes);
  made.append(...children);
  return made;
}

export function setAttributes(target: Element, attributes: Attributes): void {
  for (const [name, value] of Object.entries(attributes)) {
    if (value === undefined || value === false) target.removeAttribute(name);
    else target.setAttribute(name, value === true ? '' : String(value));
  }
}

/** A button with a text, run by click, Enter and Space. */
export function button(label: string, onClick: () => void, attributes: Attributes = {}): HTMLButtonElement {
  const made = element('button', { type: 'button', ...attributes }, label);
  made.addEventListener('click', onClick);
  return made;
}

/** A button that shows an icon; its label is a tooltip, and what is read out. */
export function iconButton(
  icon: IconName,
  label: string,
  onClick: () => void,
  attributes: Attributes = {},
): HTMLButtonElement {
  const made = element('button', {
    type: 'button',
    class: 'icon-button',
    title: label,
    'aria-label': label,
    ...attributes,
  });
  made.append(iconOf(icon));
  made.addEventListener('click', onClick);
  return made;
}

const paths = {
  refresh: 'M13.2 8a5.2 5.2 0 1 1-1.6-3.7M13 2v3h-3',
  table: 'M2.5 3.5h11v9h-11zM2.5 6.5h11M2.5 9.5h11M6.5 6.5v6',
  chart: 'M2.5 2.5v11h11M4.5 10l3-3.5 2 2 3.5-4.5',
  close: 'M4 4l8 8M12 4l-8 8',
  list: 'M5.5 4h8M5.5 8h8M5.5 12h8M2.5 4h.5M2.5 8h.5M2.5 12h.5',
  download: 'M8 2.5v7.5M5 7l3 3 3-3M2.5 13h11',
  zoomOut: 'M6.8 2.5a4.3 4.3 0 1 1 0 8.6a4.3 4.3 0 0 1 0-8.6M10 10l3.5 3.5M5 6.8h3.6',
  chevron: 'M6 3.5L10.5 8L6 12.5',
} as const;
export type IconName = keyof typeof paths;

/** An icon in the colour of the text around it; says nothing to a screen reader. */
export function iconOf(name: IconName): SVGSVGElement {
  const drawing = svg('svg', { viewBox: '0 0 16 16', width: 16, height: 16, class: 'icon', 'aria-hidden': 'true' });
  drawing.append(svg('path', { d: paths[name] }));
  return drawing;
}

export function svg<K extends keyof SVGElementTagNameMap>(name: K, attributes: Attributes): SVGElementTagNameMap[K] {
  const made = document.createElementNS('http://www.w3.org/2000/svg', name);
  setAttributes(made, attributes);
  return made;
}

/** The little sign of a series in a legend: a square for bars and bands, a line, or a dashed line. */
export function swatch(ink: string, style: 'bar' | 'line' | 'dashed' = 'bar'): HTMLElement {
  return element('span', { class: `swatch ${style} ink-${ink}`, 'aria-hidden': 'true' });
}

/** Elements that `rove` listens to. */
const roving = new WeakSet<HTMLElement>();

/**
 * One stop of the tab key for several elements: the arrow keys (`before`, `after`) go from one to the other, Home and End
 * to the first and the last. A list that has grown at its end is given again, and its new elements join in.
 */
export function rove(
  items: readonly HTMLElement[],
  keys: { readonly before: string; readonly after: string },
  current = 0,
): void {
  for (const [index, item] of items.entries()) {
    item.tabIndex = index === current ? 0 : -1;
    if (roving.has(item)) continue;
    roving.add(item);
    item.addEventListener('focus', () => {
      for (const other of items) other.tabIndex = other === item ? 0 : -1;
    });
    item.addEventListener('keydown', (event) => {
      if (event.defaultPrevented) return;
      const targets: Readonly<Record<string, number>> = {
        [keys.before]: index - 1,
        [keys.after]: index + 1,
        Home: 0,
        End: items.length - 1,
      };
      const target = items[targets[event.key] ?? -1];
      if (target === undefined || event.target !== item) return;
      event.preventDefault();
      target.focus();
    });
  }
}
