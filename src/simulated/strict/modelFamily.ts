/** A version as one number: 5.4 is 504. */
type Version = number;

function versionIn(model: string, pattern: RegExp): Version | undefined {
  const match = pattern.exec(model);
  return match === null ? undefined : Number(match[1]) * 100 + Number(match[2] ?? 0);
}

const gptVersion = (model: string) => versionIn(model, /\bgpt-(\d+)(?:\.(\d{1,2}))?/);

/** Traits of a model of OpenAI by its name. A name that says nothing takes everything. */
export interface GptTraits {
  readonly reasons: boolean;
  /** Chat takes function tools: always, only without an effort, only with the effort `none`, or never. */
  readonly chatTools: 'always' | 'withoutEffort' | 'withNone' | 'never';
  readonly efforts: readonly string[];
  readonly takesBreakpoints: boolean;
  readonly takesConfigurationUpdates: boolean;
  /** Reasoning items after a change of their prefix are dropped. */
  readonly bindsPrefix: boolean;
}

/** Reads the traits of a model of OpenAI from its name. */
export function gptTraits(model: string): GptTraits {
  const version = gptVersion(model) ?? 0;
  const reasons = (version >= 500 && !model.includes('chat')) || /\bo\d/.test(model);
  const hasNone = version >= 501 && version < 602 && !/astra|6\.1-sol/.test(model);
  return {
    reasons,
    chatTools:
      version < 504 ? 'always' : version < 506 ? 'withoutEffort' : hasNone || version === 0 ? 'withNone' : 'never',
    efforts: [
      ...(hasNone ? ['none'] : []),
      ...(version === 500 ? ['minimal'] : []),
      ...['low', 'medium', 'high'],
      ...(version >= 502 ? ['xhigh'] : []),
      ...(version >= 506 ? ['max'] : []),
    ],
    takesBreakpoints: version >= 506,
    takesConfigurationUpdates: version >= 600 && !model.includes('pro'),
    bindsPrefix: version >= 602,
  };
}

/** Traits of a Claude model by its name. */
export interface ClaudeTraits {
  /** An instruction may stand in the middle of the conversation. */
  readonly midSystem: boolean;
  readonly forcedTool: boolean;
  readonly sampling: boolean;
  readonly budgets: boolean;
  /** `thinking.type: "disabled"` is taken. */
  readonly canBeOff: boolean;
  /** A conversation may end with the assistant's words. */
  readonly prefill: boolean;
  readonly bindsPrefix: boolean;
}

/** Reads the traits of a Claude model from its name. */
export function claudeTraits(model: string): ClaudeTraits {
  const version = versionIn(model, /\bclaude-[a-z]+-(\d+)(?:[-.](\d{1,2})(?!\d))?/) ?? 0;
  const isAbove = /fable|mythos/.test(model);
  return {
    midSystem: isAbove || version >= 408,
    forcedTool: !(isAbove && version >= 501),
    sampling: !isAbove && version < 407,
    budgets: !isAbove && version < 407,
    canBeOff: !(isAbove && version >= 501),
    prefill: !isAbove && version < 406,
    bindsPrefix: model.includes('mythos') ? version >= 502 : isAbove ? version >= 501 : version >= 505,
  };
}
