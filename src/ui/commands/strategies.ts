import * as vscode from 'vscode';

const t = vscode.l10n.t;

/** The strategies with names and descriptions. */
export function strategies(): readonly { readonly id: string; readonly label: string; readonly detail: string }[] {
  return [
    {
      id: 'priority',
      label: t('Priority'),
      detail: t('The usable endpoint with the lowest priority number; weights decide among equals'),
    },
    { id: 'weighted', label: t('Weighted'), detail: t('At random, in proportion to the weights') },
    { id: 'roundRobin', label: t('Round robin'), detail: t('In turn, in proportion to the weights') },
    { id: 'random', label: t('Random'), detail: t('At random, with equal chances') },
    {
      id: 'leastConnections',
      label: t('Least connections'),
      detail: t('The endpoint with the fewest running requests relative to its weight'),
    },
    {
      id: 'fastest',
      label: t('Fastest'),
      detail: t('The faster of two random endpoints, by time to first byte and load'),
    },
  ];
}

/** The name of a strategy. */
export function strategyName(id: string): string {
  return strategies().find((one) => one.id === id)?.label ?? id;
}
