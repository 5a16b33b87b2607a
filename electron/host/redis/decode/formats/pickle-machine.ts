import { ByteReader, latin1 } from '../byte-reader.ts';
import { DecodeFault } from '../fault.ts';
import { PickleStack } from './pickle-stack.ts';

const newline = 0x0a;

/** Bytes with the ways in which pickle writes lines and lengths. */
class PickleBytes extends ByteReader {
  line(): string {
    return latin1(this.until(newline, 'a line'));
  }

  /** A line that is a number. */
  numberLine(): number {
    const { at } = this;
    const text = this.line();
    if (!/^\d{1,9}$/.test(text)) throw new DecodeFault('a number has to stand here', at);
    return Number(text);
  }

  length8(): number {
    const length = this.u64(true);
    if (length > BigInt(this.left)) throw new DecodeFault('a length leads beyond the end of the bytes', this.at - 8);
    return Number(length);
  }
}

/** What the opcodes work on. */
export class PickleMachine {
  readonly stack = new PickleStack();
  readonly reader: PickleBytes;

  constructor(bytes: Uint8Array) {
    this.reader = new PickleBytes(bytes);
  }
}
