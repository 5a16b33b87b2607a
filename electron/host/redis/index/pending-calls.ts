import { LookasideError, type Problem } from '../../../../shared/contract/errors.ts';

/** Calls over a message port that wait for their answers. */
export class PendingCalls {
  readonly #waiting = new Map<number, { resolve: (value: unknown) => void; reject: (error: LookasideError) => void }>();
  #last = 0;
  #closed: LookasideError | null = null;

  /** `send` gets the id to put on the message. */
  call(send: (id: number) => void): Promise<unknown> {
    return new Promise((resolve, reject) => {
      if (this.#closed !== null) {
        reject(this.#closed);
        return;
      }
      this.#last += 1;
      this.#waiting.set(this.#last, { resolve, reject });
      send(this.#last);
    });
  }

  answer(id: number, value: unknown): void {
    this.#waiting.get(id)?.resolve(value);
    this.#waiting.delete(id);
  }

  refuse(id: number, problem: Problem): void {
    this.#waiting.get(id)?.reject(fromProblem(problem));
    this.#waiting.delete(id);
  }

  /** Rejects what waits and what comes. */
  close(error: LookasideError): void {
    this.#closed ??= error;
    for (const each of this.#waiting.values()) each.reject(this.#closed);
    this.#waiting.clear();
  }
}

export function fromProblem(problem: Problem): LookasideError {
  return new LookasideError(problem.code, problem.message, { hint: problem.hint, details: problem.details });
}

export function toProblem(error: unknown): Problem {
  if (error instanceof LookasideError) return error.toProblem();
  return { code: 'INTERNAL', message: 'The index failed', hint: '', details: { error: error instanceof Error ? error.name : typeof error } };
}
