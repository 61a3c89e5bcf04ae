import * as vscode from 'vscode';
import { type EndpointSetting, moved, placed } from '../model/settings/endpointSettings.ts';
import { otherSettingsText } from '../model/texts/otherSettingsText.ts';
import { EndpointWizard } from './addEndpoint.ts';
import { editEndpoint } from './editEndpoint.ts';
import { endpointFor, NotPossible, selectedNode } from './gatewayAccess.ts';
import type { CommandHandler, CommandTable, Services } from './services.ts';
import { setApiKey, useEnvironmentKey } from './setApiKey.ts';

const t = vscode.l10n.t;

/** Commands that add, change or remove endpoints in settings and secret storage. */
export function endpointEditing(services: Services): CommandTable {
  const onSetting =
    (title: string, act: (services: Services, endpoint: EndpointSetting) => Promise<void>): CommandHandler =>
    async (id) => {
      const endpoint = await settingFor(services, id, title);
      if (endpoint !== undefined) await act(services, endpoint);
    };
  const wizard = new EndpointWizard(services);
  const removal = new Removal(services);
  return {
    'signalbox.addEndpoint': () => wizard.run(),
    'signalbox.editEndpoint': onSetting(t('Edit Endpoint'), editEndpoint),
    'signalbox.setApiKey': onSetting(t('Set API Key'), setApiKey),
    'signalbox.useEnvironmentKey': onSetting(t('Use Environment Variable'), useEnvironmentKey),
    'signalbox.removeEndpoint': onSetting(t('Remove Endpoint'), (_, endpoint) => removal.remove(endpoint)),
    'signalbox.undoRemoveEndpoint': () => removal.undo(),
    'signalbox.moveEndpointUp': onSetting(t('Move Endpoint Up'), (_, endpoint) => move(services, endpoint, 'up')),
    'signalbox.moveEndpointDown': onSetting(t('Move Endpoint Down'), (_, endpoint) => move(services, endpoint, 'down')),
  };
}

/** The endpoint in the settings: that of the node, or one that the user picks. */
async function settingFor(services: Services, id: unknown, title: string): Promise<EndpointSetting | undefined> {
  const { settings, views } = services;
  const wanted = id === selectedNode ? views.selected.endpoint : id;
  const named = settings.endpoints.find((one) => one.id === wanted);
  if (named !== undefined) return named;
  const picked = await endpointFor(services, id, title);
  if (picked === undefined) return undefined;
  const found = settings.endpoints.find((one) => one.id === picked.id);
  if (found === undefined) {
    const { current: other } = services.otherSettings;
    const words = t('{0} is not in your settings: this gateway runs with its own configuration.', picked.name);
    throw new NotPossible(other === undefined ? words : otherSettingsText(other, t));
  }
  return found;
}

/** An endpoint that was removed, its place in the settings, and its key if it was stored. */
interface Removed {
  readonly endpoint: EndpointSetting;
  readonly place: number;
  readonly key: string | undefined;
}

/** Removes endpoints with their keys, and brings the last one back. */
class Removal {
  readonly #services: Services;
  #last: Removed | undefined;

  constructor(services: Services) {
    this.#services = services;
  }

  /** The message offers Undo; the view does so after the message is gone. */
  async remove(endpoint: EndpointSetting): Promise<void> {
    const { keys, settings } = this.#services;
    const place = settings.endpoints.findIndex((one) => one.id === endpoint.id);
    const key = keys.hadKey(endpoint.id) ? await keys.keyOf({ ...endpoint, apiKey: '' }) : undefined;
    await settings.changeEndpoints((all) => all.filter((one) => one.id !== endpoint.id));
    await keys.forget(endpoint.id);
    const removed = { endpoint, place, key };
    this.#remember(removed);
    const undo = t('Undo');
    const name = endpoint.name ?? endpoint.id;
    void vscode.window.showInformationMessage(t('{0} was removed.', name), undo).then(async (answer) => {
      if (answer === undo && this.#last === removed) await this.undo();
    });
  }

  /** Brings back what was removed last, to its old place; does nothing where its id is in use again. */
  async undo(): Promise<void> {
    const { keys, settings } = this.#services;
    if (this.#last === undefined) return;
    const { endpoint, place, key } = this.#last;
    this.#remember(undefined);
    if (settings.endpoints.some(({ id }) => id === endpoint.id)) return;
    if (key !== undefined) await keys.store(endpoint.id, key);
    await settings.changeEndpoints((all) => all.toSpliced(place, 0, endpoint));
  }

  #remember(last: Removed | undefined): void {
    this.#last = last;
    this.#setContext('signalbox.canUndoRemove', last !== undefined);
  }

  #setContext(key: string, value: unknown): void {
    void vscode.commands.executeCommand('setContext', key, value);
  }
}

/** Gives an endpoint the place of another one, or the last one. */
export async function placeEndpoint(
  { settings, configuration }: Services,
  id: string,
  target: string | undefined,
): Promise<void> {
  if (placed(settings.endpoints, id, target) === undefined) return;
  await settings.changeEndpoints((all) => placed(all, id, target) ?? all);
  await configuration.settled();
}

async function move(
  { settings, configuration }: Services,
  endpoint: EndpointSetting,
  direction: 'up' | 'down',
): Promise<void> {
  if (moved(settings.endpoints, endpoint.id, direction) === undefined) {
    vscode.window.setStatusBarMessage(direction === 'up' ? t('It is the first one') : t('It is the last one'), 3000);
    return;
  }
  await settings.changeEndpoints((all) => moved(all, endpoint.id, direction) ?? all);
  await configuration.settled();
}
