import { visibleText } from '../../base/visibleText.ts';

/** The icon of a node: a product icon with an optional theme colour. */
export interface NodeIcon {
  readonly id: string;
  readonly color?: string;
}

/** A node of a tree view as plain data; equal data looks equal. */
export interface TreeNode {
  /** Unique in its tree and stable for the same object. */
  readonly id: string;
  readonly label: string;
  readonly description?: string;
  /** Markdown. */
  readonly tooltip?: string;
  readonly icon?: NodeIcon;
  /** Words that the menus in the manifest match. */
  readonly contextValue?: string;
  /** The text for screen readers; contains no countdown, which would be read out again and again. */
  readonly accessibilityLabel?: string;
  /** The target of the node's commands. */
  readonly subject?: string;
  /** Run when the node is chosen. */
  readonly command?: string;
  readonly isExpanded?: boolean;
  /** The node has a check box. */
  readonly isChecked?: boolean;
  readonly children?: readonly TreeNode[];
}

/** An external text as one line of at most `max` characters. */
export function plainLine(text: string, max = 80): string {
  const line = inOneLine(text);
  return line.length <= max ? line : `${line.slice(0, max - 1).replace(/[\ud800-\udbff]$/, '')}…`;
}

/** The same for places where VS Code renders icons: `$(flame)` stays text. */
export function withoutIcons(text: string): string {
  return text.replace(/(?<!\\)\$\([a-z0-9-]+(?:~[a-z]+)?\)/gi, '\\$&');
}

/** An external text for Markdown: no part of it becomes a link, an image, an icon or formatting. */
export function plainMarkdown(text: string): string {
  return withoutIcons(inOneLine(text)).replace(/[!-/:-@[-`{-~]/g, '\\$&');
}

function inOneLine(text: string): string {
  return visibleText(text.replace(/[\s\p{Cc}]+/gu, ' '));
}
