import { utf8OrNull } from '../../../../../shared/bytes.ts';
import { floatText } from '../../../../../shared/decode/tree.ts';
import { DecodeFault } from '../fault.ts';
import type { PickleMachine } from './pickle-machine.ts';
import { rawUnicode, signedText, unquoted } from './pickle-values.ts';

function addText(machine: PickleMachine, bytes: Uint8Array, from: number, note = ''): void {
  const text = utf8OrNull(bytes);
  if (text === null) machine.stack.add('bytes', '', from, machine.reader.at, note === '' ? 'text that is not UTF-8' : note, bytes);
  else machine.stack.add('text', text, from, machine.reader.at, note);
}

/** Opcodes that push one value without parts; `false` = not one of them. */
export function scalarOpcode(machine: PickleMachine, opcode: number, from: number): boolean {
  const { reader, stack } = machine;
  const int = (text: string) => void stack.add('int', text, from, reader.at);
  const bytes = (length: number, note = '') => void stack.add('bytes', '', from + 1, reader.at + length, note, reader.take(length, 'bytes'));
  switch (opcode) {
    case 0x4a:
      int(String(reader.i32(true)));
      return true;
    case 0x4b:
      int(String(reader.u8()));
      return true;
    case 0x4d:
      int(String(reader.u16(true)));
      return true;
    case 0x49: {
      const line = reader.line();
      if (line === '00' || line === '01') stack.add('bool', String(line === '01'), from, reader.at);
      else if (/^[+-]?\d+$/.test(line)) int(line);
      else throw new DecodeFault('an integer has to stand here', from + 1);
      return true;
    }
    case 0x4c: {
      const line = reader.line().replace(/L$/, '');
      if (!/^[+-]?\d+$/.test(line)) throw new DecodeFault('an integer has to stand here', from + 1);
      int(line);
      return true;
    }
    case 0x8a:
      int(signedText(reader.take(reader.u8(), 'an integer')));
      return true;
    case 0x8b:
      int(signedText(reader.take(reader.u32(true), 'an integer')));
      return true;
    case 0x46: {
      const line = reader.line();
      if (!/^[+-]?(?:\d[\d.]*(?:[eE][+-]?\d+)?|\.\d+|inf|nan)$/.test(line)) throw new DecodeFault('a number has to stand here', from + 1);
      stack.add('float', line, from, reader.at);
      return true;
    }
    case 0x47:
      stack.add('float', floatText(reader.f64()), from, reader.at);
      return true;
    case 0x53:
      addText(machine, unquoted(reader.line(), from), from, 'str of Python 2');
      return true;
    case 0x54:
      addText(machine, reader.take(reader.u32(true), 'a string'), from, 'str of Python 2');
      return true;
    case 0x55:
      addText(machine, reader.take(reader.u8(), 'a string'), from, 'str of Python 2');
      return true;
    case 0x56:
      stack.add('text', rawUnicode(reader.line()), from, reader.at);
      return true;
    case 0x58:
      addText(machine, reader.take(reader.u32(true), 'a text'), from);
      return true;
    case 0x8c:
      addText(machine, reader.take(reader.u8(), 'a text'), from);
      return true;
    case 0x8d:
      addText(machine, reader.take(reader.length8(), 'a text'), from);
      return true;
    case 0x42:
      bytes(reader.u32(true));
      return true;
    case 0x43:
      bytes(reader.u8());
      return true;
    case 0x8e:
      bytes(reader.length8());
      return true;
    case 0x96:
      bytes(reader.length8(), 'bytearray');
      return true;
    default:
      return false;
  }
}
