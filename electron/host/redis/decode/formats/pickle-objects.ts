import { DecodeFault } from '../fault.ts';
import { collect } from './pickle-containers.ts';
import type { PickleMachine } from './pickle-machine.ts';
import type { PickleItem } from './pickle-stack.ts';

function addGlobal(machine: PickleMachine, module: string, name: string, from: number): void {
  machine.stack.add('tagged', `${module}.${name}`, from, machine.reader.at, 'class or function');
}

/** A call or a new object: the function's name, and its arguments as labelled parts. */
function addCall(machine: PickleMachine, note: string, callable: PickleItem, parts: readonly [string, PickleItem][], from: number): void {
  const { tree } = machine.stack;
  const node = tree.nodes[callable.id];
  const named = node?.kind === 'tagged';
  const id = tree.add('call', named ? node.text : 'result of a call', from, machine.reader.at, note);
  if (!named) machine.stack.part(id, 'function', callable, from);
  for (const [label, item] of parts) machine.stack.part(id, label, item, from);
  machine.stack.push(id);
}

/** Opcodes that name classes, call them or set their state: nodes that say so; `false` = not one of them. */
export function objectOpcode(machine: PickleMachine, opcode: number, from: number): boolean {
  const { reader, stack } = machine;
  const textOf = (id: number) => stack.tree.nodes[id]?.text ?? '';
  switch (opcode) {
    case 0x63:
      addGlobal(machine, reader.line(), reader.line(), from);
      return true;
    case 0x93: {
      const name = stack.pop(from);
      const module = stack.pop(from);
      addGlobal(machine, textOf(module.id), textOf(name.id), from);
      return true;
    }
    case 0x52:
    case 0x81: {
      const args = stack.pop(from);
      addCall(machine, opcode === 0x52 ? 'REDUCE: a call, not made' : 'NEWOBJ: an object, not made', stack.pop(from), [['arguments', args]], from);
      return true;
    }
    case 0x92: {
      const named = stack.pop(from);
      const args = stack.pop(from);
      addCall(machine, 'NEWOBJ_EX: an object, not made', stack.pop(from), [['arguments', args], ['named arguments', named]], from);
      return true;
    }
    case 0x62: {
      const state = stack.pop(from);
      const target = stack.top(from);
      const node = stack.tree.nodes[target.id];
      if (node?.kind === 'call') {
        stack.part(target.id, 'state', state, from);
        node.end = reader.at;
      } else addCall(machine, 'BUILD: state of an object, not set', stack.pop(from), [['state', state]], from);
      return true;
    }
    case 0x6f:
    case 0x69: {
      const name = opcode === 0x69 ? `${reader.line()}.${reader.line()}` : null;
      const items = stack.toMark(from);
      if (name !== null) addGlobal(machine, name.slice(0, name.lastIndexOf('.')), name.slice(name.lastIndexOf('.') + 1), from);
      const callable = name === null ? items.shift() : stack.pop(from);
      if (callable === undefined) throw new DecodeFault('an object without a class', from);
      collect(machine, 'list', 'tuple', items, from);
      addCall(machine, 'an object, not made', callable, [['arguments', stack.pop(from)]], from);
      return true;
    }
    case 0x50:
      stack.add('tagged', `persistent id ${reader.line()}`, from, reader.at);
      return true;
    case 0x51: {
      const item = stack.pop(from);
      const id = stack.tree.add('tagged', 'persistent id', from, reader.at);
      stack.attach(id, item);
      stack.push(id);
      return true;
    }
    case 0x82:
    case 0x83:
    case 0x84: {
      const code = opcode === 0x82 ? reader.u8() : opcode === 0x83 ? reader.u16(true) : reader.i32(true);
      stack.add('tagged', `extension code ${code}`, from, reader.at, 'of a registry that is not here');
      return true;
    }
    case 0x97:
      stack.add('tagged', 'buffer outside of the pickle', from, reader.at);
      return true;
    case 0x98:
      return true;
    default:
      return false;
  }
}
