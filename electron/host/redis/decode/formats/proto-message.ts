import type protobuf from 'protobufjs';
import { floatText, TreeBuilder } from '../../../../../shared/decode/tree.ts';
import { addText, ByteReader, guardDepth } from '../byte-reader.ts';
import { DecodeFault } from '../fault.ts';
import { WireReader, wireTag, type WireField } from './proto-wire.ts';

/** Wire type of each scalar; what is not listed is length-delimited. */
const wireOf: ReadonlyMap<string, number> = new Map([
  ...['int32', 'int64', 'uint32', 'uint64', 'sint32', 'sint64', 'bool'].map((name) => [name, 0] as const),
  ...['fixed64', 'sfixed64', 'double'].map((name) => [name, 1] as const),
  ...['fixed32', 'sfixed32', 'float'].map((name) => [name, 5] as const),
]);

/** Its type is that of the values; on the wire it is a message with a key and a value. */
function isMap(field: protobuf.Field): boolean {
  return (field as { map?: boolean }).map === true;
}

/** Reads a message by its description, field by field; what is not declared stays, by its number. */
export class ProtoMessageReader {
  readonly tree = new TreeBuilder();
  readonly #wire = new WireReader(this.tree);
  unknown = 0;


  message(bytes: Uint8Array, type: protobuf.Type, offset: number, depth: number): number {
    guardDepth(depth, offset);
    const { tree } = this;
    const id = tree.add('map', '', offset, offset + bytes.length, type.name);
    const reader = new ByteReader(bytes);
    const many = new Map<number, number>();
    while (reader.left > 0) {
      const tag = wireTag(reader);
      const field = type.fieldsById[tag.number];
      if (field === undefined || !this.#fits(field, tag)) {
        this.unknown += 1;
        this.#wire.field(id, reader, tag, offset, 1);
        continue;
      }
      const mapped = isMap(field);
      if (!field.repeated && !mapped) {
        this.#name(id, field, tag, offset, reader);
        tree.attach(id, this.#value(field, reader, offset, depth));
        continue;
      }
      let list = many.get(field.id);
      if (list === undefined) {
        this.#name(id, field, tag, offset, reader);
        list = tree.add(mapped ? 'map' : 'list', '', offset + tag.from, -1, mapped ? 'map' : 'repeated');
        tree.attach(id, list);
        many.set(field.id, list);
      }
      if (mapped) this.#entry(list, field, reader, offset, depth);
      else if (tag.wire === 2 && this.#wireType(field) !== 2) this.#packed(list, field, reader, offset, depth);
      else tree.attach(list, this.#value(field, reader, offset, depth));
      tree.finish(list, offset + reader.at);
    }
    return id;
  }

  #name(parent: number, field: protobuf.Field, tag: WireField, offset: number, reader: ByteReader): void {
    this.tree.attach(parent, this.tree.add('text', field.name, offset + tag.from, offset + reader.at, `field ${field.id}, ${field.type}`));
  }

  #isEnum(field: protobuf.Field): boolean {
    return field.resolvedType !== null && 'valuesById' in field.resolvedType;
  }

  #wireType(field: protobuf.Field): number {
    if (this.#isEnum(field)) return 0;
    return wireOf.get(field.type) ?? 2;
  }

  #fits(field: protobuf.Field, { wire }: WireField): boolean {
    if (isMap(field)) return wire === 2;
    return wire === this.#wireType(field) || (wire === 2 && field.repeated);
  }

  #packed(list: number, field: protobuf.Field, reader: ByteReader, offset: number, depth: number): void {
    const length = Number(reader.varint());
    const at = reader.at;
    const inside = new ByteReader(reader.take(length, 'packed numbers'));
    while (inside.left > 0) this.tree.attach(list, this.#value(field, inside, offset + at, depth));
  }

  #entry(map: number, field: protobuf.Field, reader: ByteReader, offset: number, depth: number): void {
    const length = Number(reader.varint());
    const at = offset + reader.at;
    const inside = new ByteReader(reader.take(length, 'an entry of a map'));
    const { tree } = this;
    let key: number | null = null;
    let value: number | null = null;
    while (inside.left > 0) {
      const tag = wireTag(inside);
      if (tag.number === 1) key = this.#scalar((field as unknown as protobuf.MapField).keyType, inside, at);
      else if (tag.number === 2) value = this.#value(field, inside, at, depth);
      else throw new DecodeFault('an entry of a map has more than a key and a value', at + tag.from);
    }
    tree.attach(map, key ?? tree.add('text', '', at, at, 'default'));
    tree.attach(map, value ?? tree.add('null', 'default', at, at, 'default'));
  }

  #value(field: protobuf.Field, reader: ByteReader, offset: number, depth: number): number {
    const { tree } = this;
    const from = offset + reader.at;
    const resolved = field.resolvedType;
    if (resolved === null) return this.#scalar(field.type, reader, offset);
    if ('valuesById' in resolved) {
      const number = Number(BigInt.asIntN(32, reader.varint()));
      const name = resolved.valuesById[number];
      return name === undefined ? tree.add('int', String(number), from, offset + reader.at, `${resolved.name}, not declared`) : tree.add('text', name, from, offset + reader.at, `${resolved.name} ${number}`);
    }
    const length = Number(reader.varint());
    const at = offset + reader.at;
    return this.message(reader.take(length, 'a message'), resolved, at, depth + 1);
  }

  #scalar(type: string, reader: ByteReader, offset: number): number {
    const { tree } = this;
    const from = offset + reader.at;
    const int = (value: bigint | number) => tree.add('int', String(value), from, offset + reader.at, type);
    const zigzag = (value: bigint) => (value >> 1n) ^ -(value & 1n);
    switch (type) {
      case 'int32':
        return int(BigInt.asIntN(32, reader.varint()));
      case 'int64':
        return int(BigInt.asIntN(64, reader.varint()));
      case 'uint32':
      case 'uint64':
        return int(reader.varint());
      case 'sint32':
      case 'sint64':
        return int(zigzag(reader.varint()));
      case 'bool':
        return tree.add('bool', String(reader.varint() !== 0n), from, offset + reader.at);
      case 'fixed32':
        return int(reader.u32(true));
      case 'sfixed32':
        return int(reader.i32(true));
      case 'fixed64':
        return int(reader.u64(true));
      case 'sfixed64':
        return int(reader.i64(true));
      case 'float':
        return tree.add('float', floatText(reader.f32(true)), from, offset + reader.at, type);
      case 'double':
        return tree.add('float', floatText(reader.f64(true)), from, offset + reader.at, type);
      case 'string':
      case 'bytes': {
        const length = Number(reader.varint());
        const at = offset + reader.at;
        const bytes = reader.take(length, 'a field');
        return type === 'string' ? addText(tree, bytes, at, at + length) : tree.add('bytes', '', at, at + length, '', bytes);
      }
      default:
        throw new DecodeFault(`type ${type} is not declared`, from);
    }
  }
}
