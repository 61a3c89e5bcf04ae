/** A text with every `{name}` replaced by `valueFor(name)`; undefined if one of the values is. */
export function filled(text: string, valueFor: (name: string) => string | undefined): string | undefined {
  let isComplete = true;
  const result = text.replace(/\{(\w+)\}/g, (_, name: string) => {
    const value = valueFor(name);
    isComplete &&= value !== undefined;
    return value ?? '';
  });
  return isComplete ? result : undefined;
}
