import { utf8OrNull } from '../../../../../shared/bytes.ts';
import { floatText, TreeBuilder } from '../../../../../shared/decode/tree.ts';
import { ByteReader } from '../byte-reader.ts';
import { factsOf } from '../codec.ts';
import { DecodeFault } from '../fault.ts';

/** Levels of messages in messages that are tried; deeper bytes stay bytes. */
const maxGuess = 64;
const wireWords = ['varint', '64 bits', 'length-delimited', 'group', 'end of group', '32 bits'] as const;

export interface WireField {
  readonly number: number;
  readonly wire: number;
  /** Where its tag begins. */
  readonly from: number;
}

/** The tag at the reader's place. */
export function wireTag(reader: ByteReader): WireField {
  const from = reader.at;
  const tag = reader.varint();
  const number = Number(tag >> 3n);
  const wire = Number(tag & 7n);
  if (number < 1 || number > 536_870_911) throw new DecodeFault(`field number ${number} is not allowed`, from);
  if (wire > 5) throw new DecodeFault(`wire type ${wire} is not known`, from);
  return { number, wire, from };
}

/** Passes a value without looking into it. */
function skipValue(reader: ByteReader, { wire, number, from }: WireField, depth = 0): void {
  if (wire === 0) reader.varint();
  else if (wire === 1) reader.skip(8);
  else if (wire === 5) reader.skip(4);
  else if (wire === 2) reader.skip(Number(reader.varint()), 'a field');
  else if (wire === 3 && depth < maxGuess) {
    for (let field = wireTag(reader); field.wire !== 4; field = wireTag(reader)) skipValue(reader, field, depth + 1);
  } else throw new DecodeFault(`a group of field ${number} begins or ends where it cannot`, from);
}

/** Whether all bytes are fields, without looking into them. */
function isMessage(bytes: Uint8Array): boolean {
  if (bytes.length < 2) return false;
  const reader = new ByteReader(bytes);
  try {
    while (reader.left > 0) {
      const field = wireTag(reader);
      if (field.number > 20_000) return false;
      skipValue(reader, field);
    }
    return true;
  } catch (error) {
    if (error instanceof DecodeFault) return false;
    throw error;
  }
}

/** The wire format without a schema: numbers of fields and what their bytes can mean. */
export class WireReader {
  readonly tree: TreeBuilder;

  constructor(tree = new TreeBuilder()) {
    this.tree = tree;
  }

  message(bytes: Uint8Array, offset: number, depth: number): number {
    const id = this.tree.add('map', '', offset, offset + bytes.length, depth === 0 ? '' : 'message, or bytes');
    const reader = new ByteReader(bytes);
    while (reader.left > 0) this.field(id, reader, wireTag(reader), offset, depth);
    return id;
  }

  field(parent: number, reader: ByteReader, field: WireField, offset: number, depth: number): void {
    const { tree } = this;
    tree.attach(parent, tree.add('int', String(field.number), offset + field.from, offset + reader.at, wireWords[field.wire]));
    tree.attach(parent, this.value(reader, field, offset, depth));
  }

  value(reader: ByteReader, field: WireField, offset: number, depth: number): number {
    const { tree } = this;
    const from = offset + reader.at;
    switch (field.wire) {
      case 0: {
        const value = reader.varint();
        const zigzag = (value >> 1n) ^ -(value & 1n);
        const signed = BigInt.asIntN(64, value);
        const also = [signed < 0n ? `int64 ${signed}` : '', value > 1n ? `sint ${zigzag}` : `bool ${value === 1n}`].filter((text) => text !== '');
        return tree.add('int', String(value), from, offset + reader.at, `or ${also.join(', ')}`);
      }
      case 1: {
        const at = reader.at;
        const whole = reader.u64(true);
        const float = new ByteReader(reader.bytes.subarray(at, at + 8)).f64(true);
        return tree.add('int', String(whole), from, offset + reader.at, `fixed64, or double ${floatText(float)}`);
      }
      case 5: {
        const at = reader.at;
        const whole = reader.u32(true);
        const float = new ByteReader(reader.bytes.subarray(at, at + 4)).f32(true);
        return tree.add('int', String(whole), from, offset + reader.at, `fixed32, or float ${floatText(float)}`);
      }
      case 2: {
        const length = Number(reader.varint());
        const at = offset + reader.at;
        return this.#delimited(reader.take(length, 'a field'), at, depth);
      }
      default: {
        if (field.wire !== 3 || depth >= maxGuess) throw new DecodeFault('a group begins or ends where it cannot', from);
        const id = tree.add('map', '', from, -1, 'group');
        for (let next = wireTag(reader); ; next = wireTag(reader)) {
          if (next.wire === 4) {
            if (next.number !== field.number) throw new DecodeFault('a group ends with the number of another', offset + next.from);
            break;
          }
          this.field(id, reader, next, offset, depth + 1);
        }
        tree.finish(id, offset + reader.at);
        return id;
      }
    }
  }

  /** Text, a message or bytes: the wire does not tell, so the likeliest is shown and the note says so. */
  #delimited(bytes: Uint8Array, at: number, depth: number): number {
    const { tree } = this;
    const { readable, text } = factsOf(bytes);
    const message = depth < maxGuess && isMessage(bytes);
    if (readable && text !== null) return tree.add('text', text, at, at + bytes.length, message ? 'text, or a message' : '');
    if (message) return this.message(bytes, at, depth + 1);
    const also = utf8OrNull(bytes) === null ? 'bytes, or packed numbers' : 'bytes, or text with control characters';
    return tree.add('bytes', '', at, at + bytes.length, also, bytes);
  }
}
