import { readFileSync } from 'node:fs';
import path from 'node:path';
import manifest from '../package.json' with { type: 'json' };

/** Where the project lives, from `addresses.json`: the only place to fill in. Empty until it is known. */
interface Addresses {
  /** The publisher's name on the Visual Studio Marketplace and on Open VSX. */
  readonly publisher: string;
  /** The page of the repository: `https://github.com/owner/name`, without a slash at the end. */
  readonly repository: string;
}

export const root = path.resolve(import.meta.dirname, '..');

export const addresses = JSON.parse(
  readFileSync(path.join(import.meta.dirname, 'addresses.json'), 'utf8'),
) as Addresses;

/** `publisher.name`, as VS Code knows the packaged extension. */
export const extensionId = `${addresses.publisher || manifest.publisher}.${manifest.name}`;

/** Where relative links and pictures of the README lead on the web; undefined while there is no such place. */
export interface WebPlaces {
  readonly links: string | undefined;
  readonly images: string | undefined;
}

/** Those of a repository and a version. `SIGNALBOX_IMAGES_URL` names another place for pictures, if it is set. */
export function webPlaces(
  { repository }: Addresses,
  version: string,
  imagesUrl = process.env['SIGNALBOX_IMAGES_URL'],
): WebPlaces {
  const isKnown = repository !== '';
  return {
    links: isKnown ? `${repository}/blob/v${version}` : undefined,
    images: imagesUrl || (isKnown ? `${repository}/raw/v${version}` : undefined),
  };
}
