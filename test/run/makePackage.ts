// Packs the extension once for all processes of the end-to-end tests.
import { makePackage } from '../support/provision/packagedExtension.ts';

console.log(await makePackage());
