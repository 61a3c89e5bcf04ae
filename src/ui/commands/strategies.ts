import * as vscode from 'vscode';

const t = vscode.l10n.t;

/** The strategies with names and descriptions. */
export function strategies(): readonly { readonly id: string; readonly label: string; readonly detail: string }[] {
  return [
    {
      id: 'priority',
      label: t('Priority'),
      detail: t('The lowest priority number that is usable; weights decide among equals'),
    },
    { id: 'weighted', label: t('Weighted'), detail: t('At random, in proportion to the weights') },
    { id: 'roundRobin', label: t('Round robin'), detail: t('One after the other, in proportion to the weights') },
    { id: 'random', label: t('Random'), detail: t('At random, all alike') },
    {
      id: 'leastConnections',
      label: t('Least connections'),
      detail: t('The one with the fewest running requests for its weight'),
    },
    {
      id: 'fastest',
      label: t('Fastest'),
      detail: t('The faster of two picked at random, by time to first byte and load'),
    },
  ];
}

/** The name of a strategy. */
export function strategyName(id: string): string {
  return strategies().find((one) => one.id === id)?.label ?? id;
}
