import { readFileSync } from 'node:fs';
import path from 'node:path';
import type { EndpointSetting } from '../../../src/ui/model/settings/endpointSettings.ts';
import { until } from '../processes/startGateway.ts';
import type { VscodeServer } from '../workbench/vscodeServer.ts';
import type { VscodeSettings } from '../workbench/writeSettings.ts';

/** Undefined while the file is half written. */
function read(file: string): VscodeSettings | undefined {
  try {
    return JSON.parse(readFileSync(file, 'utf8')) as VscodeSettings;
  } catch (error) {
    if (error instanceof SyntaxError) return undefined;
    throw error;
  }
}

async function readWhole(file: string): Promise<VscodeSettings> {
  const settings = await until(
    'a whole settings file',
    () => read(file),
    (one) => one !== undefined,
  );
  return settings ?? {};
}

/** The user's settings as they stand in the file. */
export function writtenSettings({ folders }: VscodeServer): Promise<VscodeSettings> {
  return readWhole(path.join(folders.userData, 'User/settings.json'));
}

/** The settings of the machine as they stand in the file. */
export function writtenMachineSettings({ folders }: VscodeServer): Promise<VscodeSettings> {
  return readWhole(path.join(folders.userData, 'Machine/settings.json'));
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
