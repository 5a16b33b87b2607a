const retryMs = 500;

/** Asks until there is an answer, one inquiry at a time; who asks meanwhile waits for an inquiry that begins afterwards. */
export class AskAgain<T> {
  readonly #parts: { ask(): Promise<T>; wanted(): boolean; take(answer: T): void; failed(error: unknown): void };
  #asking: Promise<void> | null = null;
  #again = false;

  constructor(parts: { ask(): Promise<T>; wanted(): boolean; take(answer: T): void; failed(error: unknown): void }) {
    this.#parts = parts;
  }

  now(): Promise<void> {
    this.#again = true;
    this.#asking ??= this.#untilKnown().finally(() => {
      this.#asking = null;
    });
    return this.#asking;
  }

  async #untilKnown(): Promise<void> {
    while (this.#again && this.#parts.wanted()) {
      this.#again = false;
      try {
        this.#parts.take(await this.#parts.ask());
      } catch (error) {
        this.#parts.failed(error);
        this.#again = true;
        await new Promise((resolve) => {
          setTimeout(resolve, retryMs);
        });
      }
    }
  }
}
