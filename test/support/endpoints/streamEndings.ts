import type { Answer, Behaviour, CutHow, Point } from '../../../src/simulated/behaviour.ts';
import { cloudflarePage } from '../../../src/simulated/behaviour.ts';
import type { SimulatedEndpoint } from '../../../src/simulated/simulatedEndpoint.ts';
import type { ClientRig } from '../clients/clientRig.ts';

/**
 * The meaning of an ending for a streaming client. `hidden`: nothing of it is seen, another endpoint answers. `whole`: all
 * of the answer is there. `broken`: the client has a part and must know it. `nothing`: no endpoint could answer.
 */
export type EndingKind = 'hidden' | 'whole' | 'broken' | 'nothing';

/** One way in which an endpoint's answer ends. */
export interface StreamEnding {
  readonly name: string;
  readonly kind: EndingKind;
  /** The same for Responses, whose terminal event carries the answer and cannot be made up. */
  readonly kindOfResponses: EndingKind;
  /** One of several that come out of the gateway the same way for Claude Code; a client that is slow to start needs one. */
  readonly isVariant: boolean;
  /** Has the first endpoint, or both, do it. */
  readonly prepare: (rig: Pick<ClientRig, 'first' | 'second'>) => Promise<void> | void;
}

/** The text of an endpoint of this name: several words, not all of it ASCII. */
export function answerOf(name: string): Answer & { readonly text: string } {
  return { text: `Grüße vom ${name} Stellwerk: 信号箱 says that all is well on this line.` };
}

const cuts: readonly CutHow[] = ['rst', 'fin', 'eof'];

/** The places where a stream may be cut off after its content has begun, and what was said before the text. */
const places: Readonly<Record<string, { readonly at: Point; readonly first?: 'thinking' | 'toolUse' }>> = {
  'in the middle of an event': { at: { midEvent: 4 } },
  'in the middle of a block': { at: { afterEvents: 4 } },
  'after a finished block': { at: 'beforeStop' },
  'after finished thinking': { at: { afterBlocks: 1 }, first: 'thinking' },
  'after a finished tool call': { at: { afterBlocks: 1 }, first: 'toolUse' },
};

function byFirst(name: string, kind: EndingKind, behaviour: Behaviour, kindOfResponses = kind): StreamEnding {
  return { name, kind, kindOfResponses, isVariant: false, prepare: ({ first }) => first.behave(behaviour) };
}

/** The same with each way to cut; what the first of them shows, the others show too. */
function variants(make: (how: CutHow) => StreamEnding): StreamEnding[] {
  return cuts.map((how, index) => ({ ...make(how), isVariant: index > 0 }));
}

function byBoth(name: string, does: (endpoint: SimulatedEndpoint) => Promise<void> | void): StreamEnding {
  return {
    name: `both endpoints: ${name}`,
    kind: 'nothing',
    kindOfResponses: 'nothing',
    isVariant: false,
    prepare: async ({ first, second }) => {
      await does(first);
      await does(second);
    },
  };
}

const answer = answerOf('first');
const page = { ...cloudflarePage(403), status: 200 };
const midBlock = { afterEvents: 4 } as const;

/** Every ending that a client may meet; idle limits of the gateway are to be short. */
export const streamEndings: readonly StreamEnding[] = [
  {
    name: 'refused',
    kind: 'hidden',
    kindOfResponses: 'hidden',
    isVariant: false,
    prepare: ({ first }) => first.refuse(),
  },
  byFirst('a web page with 200', 'hidden', page),
  byFirst('an empty 200', 'hidden', { kind: 'status', status: 200, body: '' }),
  ...variants((how) => byFirst(`no event at all (${how})`, 'hidden', { kind: 'cut', at: 'afterHeaders', how })),
  ...variants((how) =>
    byFirst(`cut before content (${how})`, 'hidden', { kind: 'cut', at: 'afterStart', how, answer }),
  ),
  byFirst('silence before content', 'hidden', { kind: 'hang', at: 'afterStart', answer }),
  ...['overloaded_error', 'api_error'].map((errorType) =>
    byFirst(`${errorType} before content`, 'hidden', { kind: 'streamError', at: 'afterStart', errorType }),
  ),
  ...Object.entries(places).flatMap(([place, { at, first }]) =>
    variants((how) => {
      const said = first === undefined ? answer : { ...answer, first };
      return byFirst(`cut ${place} (${how})`, 'broken', { kind: 'cut', at, how, answer: said });
    }),
  ),
  byFirst('silence in the middle of a block', 'broken', { kind: 'hang', at: midBlock, answer }),
  ...(['end', 'hang'] as const).map((ending) =>
    byFirst(`overloaded_error in the middle of a block, then ${ending}`, 'broken', {
      kind: 'streamError',
      at: midBlock,
      errorType: 'overloaded_error',
      ending,
      answer,
    }),
  ),
  byFirst('api_error after a finished block', 'broken', {
    kind: 'streamError',
    at: 'beforeStop',
    errorType: 'api_error',
    answer,
  }),
  ...variants((how) =>
    byFirst(
      `a stop reason without the last event (${how})`,
      'whole',
      { kind: 'cut', at: 'beforeTerminal', how, answer },
      'broken',
    ),
  ),
  byFirst('half of the last event', 'whole', { kind: 'cut', at: 'midTerminal', how: 'fin', answer }, 'broken'),
  byFirst('the last event, and a connection kept open', 'whole', { kind: 'keepOpen', answer }),
  byBoth('refused', (endpoint) => endpoint.refuse()),
  byBoth('a web page with 200', (endpoint) => endpoint.behave(page)),
  byBoth('cut before content', (endpoint) => endpoint.behave({ kind: 'cut', at: 'afterStart', how: 'rst' })),
];
