/** The picture of a node: a product icon and, where it means something, a theme colour. */
export interface NodeIcon {
  readonly id: string;
  readonly color?: string;
}

/** A node of a tree view as plain data: equal data, equal look. */
export interface TreeNode {
  /** Unique in its tree, and the same as long as it stands for the same thing. */
  readonly id: string;
  readonly label: string;
  readonly description?: string;
  /** Markdown. */
  readonly tooltip?: string;
  readonly icon?: NodeIcon;
  /** Words that the manifest's menus look for. */
  readonly contextValue?: string;
  /** What a screen reader says; holds no countdown, or it would talk without end. */
  readonly accessibilityLabel?: string;
  /** What the node's commands act on. */
  readonly subject?: string;
  /** Run when the node is chosen. */
  readonly command?: string;
  readonly isExpanded?: boolean;
  readonly children?: readonly TreeNode[];
}

/** Text that comes from outside, as one line of at most `max` characters. */
export function plainLine(text: string, max = 80): string {
  const line = text.replace(/[\s\p{Cc}]+/gu, ' ');
  return line.length <= max ? line : `${line.slice(0, max - 1)}…`;
}

/** The same for where VS Code shows icons: `$(flame)` stays what it is. */
export function withoutIcons(text: string): string {
  return text.replace(/(?<!\\)\$\([a-z0-9-]+(?:~[a-z]+)?\)/gi, '\\$&');
}

/** Text that comes from outside, for Markdown: nothing in it is a link, an image, an icon or a format. */
export function plainMarkdown(text: string): string {
  const line = text.replace(/[\s\p{Cc}]+/gu, ' ');
  return withoutIcons(line).replace(/[!-/:-@[-`{-~]/g, '\\$&');
}
