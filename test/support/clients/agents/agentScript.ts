import assert from 'node:assert/strict';
import { randomUUID } from 'node:crypto';
import { answers, calls } from '../../../../src/simulated/answers.ts';
import type { Behaviour } from '../../../../src/simulated/behaviour.ts';
import type { SeenRequest } from '../../../../src/simulated/exchange.ts';
import type { SimulatedEndpoint } from '../../../../src/simulated/simulatedEndpoint.ts';
import type { Agent } from './agent.ts';

/**
 * One conversation, step by step, whichever endpoint is asked: each request with tools takes the next step. Agents send
 * others besides (for a title, say), which get the endpoint's usual answer.
 */
export class AgentScript {
  readonly #agent: Agent;
  readonly #endpoints: readonly SimulatedEndpoint[];
  /** Those of the requests with tools, and the endpoint that was asked. */
  readonly asked: { readonly endpoint: string; readonly request: SeenRequest }[] = [];

  constructor(agent: Agent, endpoints: readonly SimulatedEndpoint[]) {
    this.#agent = agent;
    this.#endpoints = endpoints;
  }

  /** The endpoints behave so, in this order, and as usual afterwards. */
  play(steps: readonly (Behaviour | (() => Behaviour))[]): void {
    const left = [...steps];
    const { name } = this.#agent.shell('');
    for (const endpoint of this.#endpoints) {
      endpoint.behaveBy((request) => {
        if (!request.body.includes(`"${name}"`)) return undefined;
        this.asked.push({ endpoint: endpoint.name, request });
        const step = left.shift();
        return typeof step === 'function' ? step() : step;
      });
    }
  }

  /** A step in which the model calls the agent's tool, and a check that a later request brings what the tool gave. */
  call(): { readonly step: Behaviour; readonly assertBack: () => void } {
    const word = randomUUID();
    // Only the tool joins the two.
    const command = `echo back-"${word}"`;
    const { name, input } = this.#agent.shell(command);
    const step = answers(calls(name, input));
    const assertBack = (): void => {
      const isBack = this.asked.some(({ request }) => request.body.includes(`back-${word}`));
      assert.ok(isBack, 'what the tool gave did not come back');
    };
    return { step, assertBack };
  }

  /** A step in which the stream ends within a tool call, and a check that no request tells of it. */
  halfCall(): { readonly step: Behaviour; readonly assertDropped: () => void } {
    const word = randomUUID();
    const { name, input } = this.#agent.shell(`echo ${word} and a good deal more to be cut off`);
    const answer = { parts: [{ ...calls(name, input), pieces: 2 }] };
    const step: Behaviour = { kind: 'cut', at: { afterEvents: 1 }, how: 'eof', answer };
    const assertDropped = (): void => {
      const isTold = this.asked.some(({ request }) => request.body.includes(word.slice(0, 8)));
      assert.ok(!isTold, 'half a call was taken for a call');
    };
    return { step, assertDropped };
  }
}
