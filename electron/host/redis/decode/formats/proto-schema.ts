import protobuf from 'protobufjs';
import { LookasideError } from '../../../../../shared/contract/errors.ts';

/** One message of a parsed .proto. Only its description is used: no code is ever generated from it. */
export interface ProtoSchema {
  readonly name: string;
  readonly type: protobuf.Type;
}

const wellKnown = ['any', 'duration', 'empty', 'field_mask', 'struct', 'timestamp', 'wrappers'];

function rootOf(source: string): protobuf.Root {
  const root = new protobuf.Root();
  try {
    for (const name of wellKnown) {
      const file = protobuf.common.get(`google/protobuf/${name}.proto`);
      if (file?.nested) root.addJSON(file.nested);
    }
    protobuf.parse(source, root, { keepCase: true });
    root.resolveAll();
    return root;
  } catch (error) {
    const said = error instanceof Error ? error.message : String(error);
    throw new LookasideError('PARSE_FAILED', `The .proto text cannot be read: ${said.slice(0, 300)}`, {
      hint: 'Paste one whole file, with the messages that it uses; imports of other files than google/protobuf are not followed.',
    });
  }
}

function messagesIn(space: protobuf.NamespaceBase, found: protobuf.Type[] = []): protobuf.Type[] {
  for (const each of space.nestedArray) {
    if (each instanceof protobuf.Type) found.push(each);
    if (each instanceof protobuf.Namespace) messagesIn(each, found);
  }
  return found;
}

const nameOf = (type: protobuf.Type) => type.fullName.replace(/^\./, '');

/** Full names of the messages of a .proto text. Throws PARSE_FAILED with the line. */
export function protoMessages(source: string): string[] {
  return messagesIn(rootOf(source))
    .map((type) => nameOf(type))
    .filter((name) => !name.startsWith('google.protobuf.'));
}

let last: { source: string; message: string; schema: ProtoSchema } | null = null;

/** The message to read as. Throws PARSE_FAILED, NOT_FOUND. */
export function protoSchema(source: string, message: string): ProtoSchema {
  if (last?.source === source && last.message === message) return last.schema;
  const type = messagesIn(rootOf(source)).find((each) => nameOf(each) === message);
  if (type === undefined) throw new LookasideError('NOT_FOUND', `The .proto text has no message ${message.slice(0, 200)}`);
  last = { source, message, schema: { name: message, type } };
  return last.schema;
}
