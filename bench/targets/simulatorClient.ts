import path from 'node:path';
import type { Child, ChildProcesses } from './childProcesses.ts';
import type { AnswerPlan, Counts, Fault, SimulatorCommand, SimulatorReply } from './simulatorMessages.ts';

/** The driver's side of the simulator process: opens fake endpoints, changes how they behave, reads their counters. */
export class SimulatorClient {
  readonly #child: Child;
  readonly #waiting = new Map<number, (reply: SimulatorReply) => void>();
  #lastId = 0;

  constructor(children: ChildProcesses, core: number | undefined) {
    this.#child = children.start([process.execPath, path.join(import.meta.dirname, 'simulator.ts')], {
      core,
      hasChannel: true,
    });
    this.#child.process.on('message', (message) => {
      const reply = message as SimulatorReply;
      this.#waiting.get(reply.id)?.(reply);
      this.#waiting.delete(reply.id);
    });
    this.#child.process.once('exit', (code) => {
      if (this.#waiting.size > 0) throw new Error(`the simulator ended (${code}): ${this.#child.complaints()}`);
    });
  }

  /** Gives the port of the new endpoint. */
  async open(plan: AnswerPlan): Promise<number> {
    return (await this.#send({ kind: 'open', plan })).port;
  }

  async plan(port: number, plan: AnswerPlan): Promise<void> {
    await this.#send({ kind: 'plan', port, plan });
  }

  async fault(port: number, fault: Fault): Promise<void> {
    await this.#send({ kind: 'fault', port, fault });
  }

  async counts(port: number): Promise<Counts> {
    return (await this.#send({ kind: 'counts', port })).counts;
  }

  async close(port: number): Promise<void> {
    await this.#send({ kind: 'close', port });
  }

  #send(command: SimulatorCommand): Promise<SimulatorReply> {
    const id = ++this.#lastId;
    return new Promise((resolve) => {
      this.#waiting.set(id, resolve);
      this.#child.process.send({ id, command });
    });
  }
}
