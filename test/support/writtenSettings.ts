import { readFileSync } from 'node:fs';
import path from 'node:path';
import type { EndpointSetting } from '../../src/ui/model/settings/endpointSettings.ts';
import { until } from './startGateway.ts';
import type { VscodeServer } from './vscodeServer.ts';
import type { VscodeSettings } from './writeSettings.ts';

/** The user's settings as they stand in the file; undefined while it is half written. */
function read({ folders }: VscodeServer): VscodeSettings | undefined {
  try {
    return JSON.parse(readFileSync(path.join(folders.userData, 'User/settings.json'), 'utf8')) as VscodeSettings;
  } catch (error) {
    if (error instanceof SyntaxError) return undefined;
    throw error;
  }
}

/** The user's settings as they stand in the file. */
export async function writtenSettings(server: VscodeServer): Promise<VscodeSettings> {
  const settings = await until(
    'a whole settings file',
    () => read(server),
    (one) => one !== undefined,
  );
  return settings ?? {};
}

/** The endpoints of the settings file, in its order. */
export async function writtenEndpoints(server: VscodeServer): Promise<readonly EndpointSetting[]> {
  return ((await writtenSettings(server))['signalbox.endpoints'] ?? []) as readonly EndpointSetting[];
}

/** Resolves when the endpoints of the settings file fit; rejects after the deadline, showing the last ones. */
export function untilWritten(
  server: VscodeServer,
  what: string,
  fits: (endpoints: readonly EndpointSetting[]) => boolean,
): Promise<readonly EndpointSetting[]> {
  return until(`${what} in the settings file`, () => writtenEndpoints(server), fits, 10_000);
}
