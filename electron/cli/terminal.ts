/** Where a command says things. */
export interface Terminal {
  /** One line of result, on standard output. */
  print(line: string): void;
  /** Words for a person, on standard error. */
  say(line: string): void;
  /** Replaces the line of progress, `null` removes it. Only there when standard error is a terminal. */
  progress?: (text: string | null) => void;
}

/** Exit codes of all commands. */
export const exitCodes = { done: 0, failed: 1, usage: 2, refused: 3 } as const;

/** A terminal over the streams of this process. */
export function processTerminal(out: NodeJS.WriteStream, err: NodeJS.WriteStream): Terminal {
  let shown = false;
  const clear = (): void => {
    if (shown) err.write('\r\u001b[K');
    shown = false;
  };
  return {
    print: (line) => {
      clear();
      out.write(`${line}\n`);
    },
    say: (line) => {
      clear();
      err.write(`${line}\n`);
    },
    ...(err.isTTY
      ? {
          progress: (text: string | null) => {
            clear();
            if (text === null) return;
            // one line only: a longer one would leave its beginning behind
            err.write(text.slice(0, Math.max(20, err.columns - 1)));
            shown = true;
          },
        }
      : {}),
  };
}
