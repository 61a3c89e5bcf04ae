// Preloaded by `npm run mutation`, into Stryker and the processes it starts: its runner for mocha, 10.0.0, claims
// mocha 12 but asks for parts of it by the names they had before they became `.cjs` (stryker-js, pull request 6205).
// To be deleted with the release that mends it.
import { registerHooks } from 'node:module';

process.env['NODE_OPTIONS'] ??= `--import=${import.meta.url}`;

registerHooks({
  resolve: (specifier, context, nextResolve) =>
    nextResolve(/[\\/]mocha[\\/]lib[\\/]cli[\\/][a-z-]+$/.test(specifier) ? `${specifier}.cjs` : specifier, context),
});
