import type { Terminal } from './terminal.ts';

const signals = ['SIGINT', 'SIGTERM', 'SIGHUP'] as const;

export interface Listening {
  /** Resolves at the first signal. */
  asked: Promise<void>;
  /** Aborted at the first signal. */
  signal: AbortSignal;
  stop: () => void;
}

/** Waits for Ctrl-C, SIGTERM or a closed terminal; the second of them ends the process without waiting for anything. */
export function listenForSignals(terminal: Terminal, words = 'ending ...'): Listening {
  const abort = new AbortController();
  const asked = new Promise<void>((resolve) => abort.signal.addEventListener('abort', () => resolve(), { once: true }));
  const hear = (signal: NodeJS.Signals): void => {
    if (abort.signal.aborted) {
      terminal.say(`lookaside: ${signal} again, ending at once.`);
      process.exit(130);
    }
    terminal.say(`lookaside: ${words}`);
    abort.abort();
  };
  for (const signal of signals) process.on(signal, hear);
  return {
    asked,
    signal: abort.signal,
    stop: () => {
      for (const signal of signals) process.off(signal, hear);
    },
  };
}
