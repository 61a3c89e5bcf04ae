// Packs the extension once for all processes of the end-to-end tests.
import { makePackage } from '../support/packagedExtension.ts';

console.log(await makePackage());
