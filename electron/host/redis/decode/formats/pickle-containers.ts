import { DecodeFault } from '../fault.ts';
import type { PickleMachine } from './pickle-machine.ts';
import type { PickleItem } from './pickle-stack.ts';

/** A new container of these items. */
export function collect(machine: PickleMachine, kind: 'list' | 'map', note: string, items: PickleItem[], from: number): void {
  if (kind === 'map' && items.length % 2 === 1) throw new DecodeFault('a key without a value', from);
  const { tree } = machine.stack;
  const id = tree.add(kind, '', from, machine.reader.at, note);
  for (const item of items) machine.stack.attach(id, item);
  machine.stack.push(id);
}

/** APPENDS, SETITEMS, ADDITEMS: into the container below, or as a part of the call that stands for it. */
function extend(machine: PickleMachine, items: PickleItem[], label: string, kind: 'list' | 'map', from: number): void {
  if (kind === 'map' && items.length % 2 === 1) throw new DecodeFault('a key without a value', from);
  const { tree } = machine.stack;
  const { id } = machine.stack.top(from);
  const node = tree.nodes[id];
  if (node === undefined) {
    for (const item of items) machine.stack.attach(id, item);
    return;
  }
  if (node.kind === 'call') {
    const inner = tree.add(kind, '', from, machine.reader.at);
    for (const item of items) machine.stack.attach(inner, item);
    machine.stack.part(id, label, { id: inner, again: false }, from);
  } else if (node.kind === kind) {
    for (const item of items) machine.stack.attach(id, item);
    node.end = machine.reader.at;
  } else throw new DecodeFault(`${label} are added to something that holds none`, from);
}

/** Opcodes that make containers or add to them; `false` = not one of them. */
export function containerOpcode(machine: PickleMachine, opcode: number, from: number): boolean {
  const { reader, stack } = machine;
  const tuple = (items: PickleItem[]) => collect(machine, 'list', 'tuple', items, from);
  const last = (count: number) => Array.from({ length: count }, () => stack.pop(from)).toReversed();
  switch (opcode) {
    case 0x5d:
      stack.add('list', '', from, reader.at);
      return true;
    case 0x7d:
      stack.add('map', '', from, reader.at);
      return true;
    case 0x8f:
      stack.add('list', '', from, reader.at, 'set');
      return true;
    case 0x29:
      stack.add('list', '', from, reader.at, 'tuple');
      return true;
    case 0x85:
    case 0x86:
    case 0x87:
      tuple(last(opcode - 0x84));
      return true;
    case 0x74:
      tuple(stack.toMark(from));
      return true;
    case 0x6c:
      collect(machine, 'list', '', stack.toMark(from), from);
      return true;
    case 0x64:
      collect(machine, 'map', '', stack.toMark(from), from);
      return true;
    case 0x91:
      collect(machine, 'list', 'frozenset', stack.toMark(from), from);
      return true;
    case 0x61:
      extend(machine, last(1), 'items', 'list', from);
      return true;
    case 0x65:
      extend(machine, stack.toMark(from), 'items', 'list', from);
      return true;
    case 0x90:
      extend(machine, stack.toMark(from), 'items', 'list', from);
      return true;
    case 0x73:
      extend(machine, last(2), 'entries', 'map', from);
      return true;
    case 0x75:
      extend(machine, stack.toMark(from), 'entries', 'map', from);
      return true;
    default:
      return false;
  }
}
