import { connect, type Socket } from 'node:net';
import { once } from 'node:events';
import { LookasideError } from '../../../shared/contract/errors.ts';

/** One argument of a command. Strings are UTF-8. */
export type Argument = string | Uint8Array | number;

const bufferBytes = 1 << 16;

/**
 * Mass insertion: writes commands as RESP into one socket without waiting for replies, which are only counted
 * (`redis-cli --pipe` does the same). Fills fixed buffers and yields to the event loop with every one.
 */
export class RespWriter {
  readonly #socket: Socket;
  #buffer = Buffer.allocUnsafe(bufferBytes);
  #used = 0;
  #failure: Error | null = null;
  #replies = '';
  #errors = 0;
  #firstError = '';

  private constructor(socket: Socket) {
    this.#socket = socket;
    socket.on('error', (error) => {
      this.#failure = error;
    });
    socket.on('close', () => {
      this.#failure ??= new Error('the connection was closed');
    });
    socket.setNoDelay(true);
    // Only simple, integer, bulk and error lines are looked at: seeding commands answer with one short line each.
    socket.on('data', (chunk: Buffer) => this.#read(chunk));
  }

  static async open(host: string, port: number, password: string | null): Promise<RespWriter> {
    const socket = connect({ host, port });
    const opened = new RespWriter(socket);
    await once(socket, 'connect');
    if (password !== null) await opened.write(['AUTH', password]);
    return opened;
  }

  #read(chunk: Buffer): void {
    if (!chunk.includes(0x2d) && this.#replies === '') {
      this.#replies = chunk.at(-1) === 0x0a ? '' : this.#tail(chunk.toString('latin1'));
      return;
    }
    const text = this.#replies + chunk.toString('latin1');
    const lines = text.split('\r\n');
    this.#replies = lines.pop() ?? '';
    for (const line of lines) {
      if (!/^-[A-Z]/.test(line)) continue;
      this.#errors += 1;
      this.#firstError ||= line.slice(1);
    }
  }

  #tail(text: string): string {
    return text.slice(text.lastIndexOf('\n') + 1);
  }

  #reserve(bytes: number): void {
    if (this.#used + bytes <= this.#buffer.length) return;
    const larger = Buffer.allocUnsafe(Math.max(this.#buffer.length * 2, this.#used + bytes));
    this.#buffer.copy(larger, 0, 0, this.#used);
    this.#buffer = larger;
  }

  #line(prefix: number, length: number): void {
    this.#reserve(16);
    this.#buffer[this.#used] = prefix;
    this.#used += 1 + this.#buffer.write(String(length), this.#used + 1, 'latin1');
    this.#buffer[this.#used] = 0x0d;
    this.#buffer[this.#used + 1] = 0x0a;
    this.#used += 2;
  }

  #argument(argument: Argument): void {
    if (argument instanceof Uint8Array) {
      this.#line(0x24, argument.length);
      this.#reserve(argument.length + 2);
      this.#buffer.set(argument, this.#used);
      this.#used += argument.length;
    } else {
      const text = typeof argument === 'number' ? String(argument) : argument;
      const bytes = Buffer.byteLength(text);
      this.#line(0x24, bytes);
      this.#reserve(bytes + 2);
      this.#buffer.write(text, this.#used, 'utf8');
      this.#used += bytes;
    }
    this.#buffer[this.#used] = 0x0d;
    this.#buffer[this.#used + 1] = 0x0a;
    this.#used += 2;
  }

  /** Adds a command; resolves at once, or when the server has taken what is before it. */
  write(command: readonly Argument[]): Promise<void> | undefined {
    this.#line(0x2a, command.length);
    for (const argument of command) this.#argument(argument);
    return this.#used >= bufferBytes - 1024 ? this.#flush() : undefined;
  }

  async #flush(): Promise<void> {
    this.#check();
    const full = this.#buffer.subarray(0, this.#used);
    this.#buffer = Buffer.allocUnsafe(bufferBytes);
    this.#used = 0;
    if (this.#socket.write(full)) {
      await new Promise((resolve) => setImmediate(resolve));
    } else {
      // 'close' too, or a server that dies would be waited for.
      const stop = new AbortController();
      try {
        await Promise.race([once(this.#socket, 'drain', { signal: stop.signal }), once(this.#socket, 'close', { signal: stop.signal })]);
      } finally {
        stop.abort();
      }
    }
    this.#check();
  }

  #check(): void {
    if (!this.#failure) return;
    throw new LookasideError('DEMO_UNAVAILABLE', `The demo's Redis does not take the keys: ${this.#failure.message}`, { cause: this.#failure });
  }

  /** Sends the rest, waits until the server has answered everything, closes. Throws the first refusal. */
  async end(): Promise<void> {
    await this.write(['QUIT']);
    await this.#flush();
    this.#socket.end();
    if (!this.#socket.closed) await once(this.#socket, 'close');
    if (this.#errors > 0) {
      throw new LookasideError('DEMO_UNAVAILABLE', `The demo's Redis refuses ${this.#errors} of the keys: ${this.#firstError}`);
    }
  }

  destroy(): void {
    this.#socket.destroy();
  }
}
