import { maxTreeDepth, type DecodedTree } from '../../../../../shared/decode/tree.ts';
import type { Codec } from '../codec.ts';
import { DecodeFault } from '../fault.ts';
import { containerOpcode } from './pickle-containers.ts';
import { PickleMachine } from './pickle-machine.ts';
import { objectOpcode } from './pickle-objects.ts';
import { scalarOpcode } from './pickle-scalars.ts';

/** Opcodes that store values and bring them back; `false` = not one of them. */
function memoOpcode(machine: PickleMachine, opcode: number, from: number): boolean {
  const { reader, stack } = machine;
  switch (opcode) {
    case 0x94:
      stack.put(stack.memoised, from);
      return true;
    case 0x71:
      stack.put(reader.u8(), from);
      return true;
    case 0x72:
      stack.put(reader.u32(true), from);
      return true;
    case 0x70:
      stack.put(reader.numberLine(), from);
      return true;
    case 0x68:
      stack.get(reader.u8(), from, reader.at);
      return true;
    case 0x6a:
      stack.get(reader.u32(true), from, reader.at);
      return true;
    case 0x67:
      stack.get(reader.numberLine(), from, reader.at);
      return true;
    default:
      return false;
  }
}

/** Reads a pickle of protocol 0 to 5 without running it: GLOBAL and REDUCE become nodes that name what would be called. */
class PickleReader extends PickleMachine {
  opcodes = 0;
  protocol = 0;

  run(): number {
    for (;;) {
      const from = this.reader.at;
      const opcode = this.reader.u8();
      this.opcodes += 1;
      if (opcode === 0x2e) return this.stack.finish(from);
      this.#step(opcode, from);
    }
  }

  #step(opcode: number, from: number): void {
    const { reader, stack } = this;
    switch (opcode) {
      case 0x80: {
        this.protocol = reader.u8();
        if (this.protocol > 5) throw new DecodeFault(`protocol ${this.protocol} is not known`, from);
        return;
      }
      case 0x95:
        reader.skip(8);
        return;
      case 0x4e:
        return void stack.add('null', 'None', from, reader.at);
      case 0x88:
      case 0x89:
        return void stack.add('bool', String(opcode === 0x88), from, reader.at);
      case 0x28:
        return stack.mark();
      case 0x30:
        return stack.discard(from);
      case 0x31:
        return stack.forget(stack.toMark(from));
      case 0x32:
        return stack.duplicate(from);
      default:
        if (!scalarOpcode(this, opcode, from) && !containerOpcode(this, opcode, from) && !memoOpcode(this, opcode, from) && !objectOpcode(this, opcode, from)) {
          throw new DecodeFault(`opcode ${opcode.toString(16).padStart(2, '0')} is not one of pickle`, from);
        }
    }
  }
}

/** Nesting is not seen while a pickle is read, since it is built from the inside out. */
function checkDepth({ nodes, root }: DecodedTree): void {
  let level = [root];
  for (let depth = 0; level.length > 0; depth += 1) {
    if (depth > maxTreeDepth) throw new DecodeFault(`nested deeper than ${maxTreeDepth} levels`);
    level = level.flatMap((id) => nodes[id]?.children ?? []);
  }
}

export const pickle: Codec = {
  id: 'pickle',
  proof: 'open',
  mayBe: (bytes) => bytes.length > 1 && bytes.at(-1) === 0x2e && (bytes[0] === 0x80 || /[(cNIJKMLFGSTUVX\]})]/.test(String.fromCharCode(bytes[0] as number))),
  decode: (bytes) => {
    const read = new PickleReader(bytes);
    const root = read.run();
    read.reader.expectEnd();
    const tree = read.stack.tree.tree(Math.max(0, root));
    checkDepth(tree);
    const reason = `all ${read.opcodes} opcodes run through without being executed`;
    if (bytes[0] === 0x80) return { confidence: bytes.length > 4 ? 0.99 : 0.8, reason: `pickle protocol ${read.protocol}, ${reason}; Django and Celery store it`, tree };
    const confidence = read.opcodes >= 5 ? 0.9 : read.opcodes >= 3 && bytes.length >= 8 ? 0.78 : 0.4;
    return { confidence, reason: `${reason} (protocol 0 or 1 has no magic)`, tree };
  },
};
