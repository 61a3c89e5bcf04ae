import { createHash } from 'node:crypto';

const legal = /^[A-Za-z0-9_-]{1,64}$/;
/** So much of a long name is kept before the hash of all of it. */
const keptLength = 55;
const hashLength = 8;

/**
 * The names of a request's tools, made legal for an endpoint and given back in its answer: at most 64 of `[A-Za-z0-9_-]`. The
 * same name gives the same one in every request.
 */
export class ToolNames {
  readonly #given = new Map<string, string>();
  readonly #sent = new Map<string, string>();

  constructor(names: Iterable<string>) {
    for (const name of names) this.sent(name);
  }

  /** The name for the endpoint. */
  sent(name: string): string {
    const known = this.#sent.get(name);
    if (known !== undefined) return known;
    let made = legal.test(name) ? name : shortened(name);
    for (let nth = 1; (this.#given.get(made) ?? name) !== name; nth += 1) made = shortened(`${name}${nth}`);
    this.#sent.set(name, made);
    this.#given.set(made, name);
    return made;
  }

  /** The client's name of a tool that the endpoint calls; an unknown name is kept. */
  given(sent: string): string {
    return this.#given.get(sent) ?? sent;
  }
}

function shortened(name: string): string {
  const hash = createHash('sha256').update(name).digest('hex').slice(0, hashLength);
  return `${name.replace(/[^A-Za-z0-9_-]/g, '_').slice(0, keptLength)}_${hash}`;
}
