/** Snapshots in any second, at most. */
const perSecond = 5;
/** Distance between snapshots that are not urgent, and between the ticks that bring them, ms. */
export const snapshotEveryMs = 220;

/**
 * Sends now or when the rate allows it: at most five in any second. Urgent ones need no distance to the one before; the
 * last of the five is kept for an end.
 */
export class SnapshotRate {
  readonly #send: () => void;
  readonly #sent: number[] = [];
  #timer: NodeJS.Timeout | null = null;
  #soon: NodeJS.Immediate | null = null;

  constructor(send: () => void) {
    this.#send = send;
  }

  /** `end` is asked for urgent ones only. */
  ask(urgent: boolean, end: () => boolean): void {
    if (this.#soon !== null || (this.#timer !== null && !urgent)) return;
    const now = performance.now();
    const sent = this.#sent;
    while (sent.length > 0 && (sent[0] as number) <= now - 1000) sent.shift();
    const allowed = urgent && end() ? perSecond : perSecond - 1;
    const full = sent.length >= allowed ? (sent[sent.length - allowed] as number) + 1000 - now : 0;
    const spaced = urgent ? 0 : (sent.at(-1) ?? -Infinity) + snapshotEveryMs - now;
    const wait = Math.max(full, spaced);
    this.close();
    // several in one turn are one
    if (wait > 0) this.#timer = setTimeout(() => this.#sendNow(), wait);
    else this.#soon = setImmediate(() => this.#sendNow());
  }

  /** What waits is not sent. */
  close(): void {
    if (this.#timer !== null) clearTimeout(this.#timer);
    if (this.#soon !== null) clearImmediate(this.#soon);
    this.#timer = null;
    this.#soon = null;
  }

  #sendNow(): void {
    this.#timer = null;
    this.#soon = null;
    this.#sent.push(performance.now());
    this.#send();
  }
}
