/** The signals of a process, as `process` emits them. */
interface SignalSource {
  on(signal: NodeJS.Signals, listener: (signal: NodeJS.Signals) => void): unknown;
}

/** The actions of a process on signals. */
export interface SignalActions {
  /** Drains, after which the process ends by itself. */
  readonly end: (signal: NodeJS.Signals) => void;
  readonly endNow: () => void;
  readonly readAgain: () => void;
}

/**
 * The first SIGINT or SIGTERM drains, a second one ends the process at once. SIGHUP drains where the process has a terminal,
 * which has just closed; without one it makes a service read its configuration again. A closing terminal sends it more than
 * once, so that it never ends the process at once.
 */
export function heedSignals(source: SignalSource, hasTerminal: boolean, actions: SignalActions): void {
  let isEnding = false;
  const onEnd = (signal: NodeJS.Signals): void => {
    if (!isEnding) {
      isEnding = true;
      actions.end(signal);
    } else if (signal !== 'SIGHUP') {
      actions.endNow();
    }
  };
  source.on('SIGINT', onEnd);
  source.on('SIGTERM', onEnd);
  source.on('SIGHUP', (signal) => {
    if (hasTerminal) onEnd(signal);
    else if (!isEnding) actions.readAgain();
  });
}

/** A line for a person who has asked a gateway to end while it answers; undefined when it ends at once. */
export function endingText(signal: NodeJS.Signals, inFlight: number): string | undefined {
  if (inFlight === 0 || signal === 'SIGHUP') return undefined;
  const answers = inFlight === 1 ? '1 answer is' : `${inFlight} answers are`;
  const again = signal === 'SIGINT' ? 'Press Ctrl-C' : `Send ${signal}`;
  return `${answers} still running and may finish. ${again} again to stop at once.\n`;
}
