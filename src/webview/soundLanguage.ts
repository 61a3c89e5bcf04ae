// Imported before uPlot, which asks for number formats as it is loaded: where the environment says LANG=C, Chromium calls
// its language `en-US@posix`, which is no language tag, and the page would end there.
try {
  Intl.getCanonicalLocales(navigator.language);
} catch {
  Object.defineProperty(navigator, 'language', { value: 'en-US' });
}
