/** A model's name as people call it, without vendor prefix and date: `opus-4-6` for `claude-opus-4-6-20260205`. */
export function shortModel(model: string): string {
  return model.replace(/^(?:[\w.-]+\/)?claude-(?=.)/i, '').replace(/[-@]\d{4}-?\d{2}-?\d{2}$/, '');
}
