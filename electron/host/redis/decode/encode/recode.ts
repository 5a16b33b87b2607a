import { codecWords, type CodecId } from '../../../../../shared/decode/codecs.ts';
import { maxInnerBytes } from '../../../../../shared/contract/decode.ts';
import { LookasideError } from '../../../../../shared/contract/errors.ts';
import { treeToJson, type DecodedTree } from '../../../../../shared/decode/tree.ts';
import type { Unpacked } from '../decode-messages.ts';
import { readAs, type Reading } from '../detect.ts';
import { faultOf } from '../fault.ts';
import { json } from '../formats/json.ts';
import { unmarked } from './marked-json.ts';
import { packingOf, type Packing } from './packers.ts';
import { sameValue } from './same-value.ts';
import { spliced, type TreeWriter } from './splice-tree.ts';
import { writeCbor } from './write-cbor.ts';
import { writeMsgpack } from './write-msgpack.ts';

/** Told before each try, so that the one that hangs can be named. */
type OnTry = (codec: CodecId) => void;

const writers: Partial<Record<CodecId, TreeWriter>> = { msgpack: writeMsgpack, cbor: writeCbor };
const context = { partial: false, forced: true, schema: null };

/** What such a layer says is edited as the bytes that it is read from. */
function isContent(codec: CodecId): boolean {
  return codec === 'json' || codecWords[codec].gives === 'reading';
}

class NotEditable extends Error {}

/** A value that can be written through its layers as well as read. */
interface Opened {
  packings: Packing[];
  /** Behind all layers of bytes. */
  content: Uint8Array;
  structure: { tree: DecodedTree; writer: TreeWriter; text: string } | null;
}

async function treeOf(text: Uint8Array): Promise<DecodedTree> {
  const { tree } = await json.decode(text, context);
  if (tree === undefined) throw new TypeError('JSON gives a tree');
  return unmarked(tree);
}

function structureOf(codec: CodecId | undefined, { tree }: Reading): Omit<NonNullable<Opened['structure']>, 'text'> | null {
  if (codec === undefined || isContent(codec)) return null;
  const writer = writers[codec];
  if (writer === undefined) throw new NotEditable(`${codecWords[codec].label} is only read, not written`);
  if (tree === null) throw new NotEditable(`${codecWords[codec].label} cannot be read`);
  return { tree, writer };
}

async function opened(bytes: Uint8Array, layers: readonly CodecId[], onTry: OnTry): Promise<Opened> {
  const byteLayers = layers.filter((codec) => codecWords[codec].gives === 'bytes');
  const [structure, ...others] = layers.slice(byteLayers.length);
  if (others.length > 0 || layers.slice(0, byteLayers.length).some((codec, at) => codec !== byteLayers[at])) throw new NotEditable('A serialized value that wraps another is only read, not written');
  const reading = await readAs(bytes, structure !== undefined && isContent(structure) ? byteLayers : layers, { partial: false, schema: null, onTry });
  const { failed, stages, cut } = reading;
  if (failed !== null) throw new NotEditable(`${codecWords[failed.codec].label} cannot be read: ${failed.reason}`);
  const content = stages[byteLayers.length] ?? bytes;
  if (cut || content.length > maxInnerBytes) throw new NotEditable('The decoded value is larger than 4 MiB');
  const packings: Packing[] = [];
  for (const [at, codec] of byteLayers.entries()) {
    onTry(codec);
    const packing = await packingOf(codec, stages[at] ?? bytes, stages[at + 1] ?? content);
    if (packing === null) throw new NotEditable(`${codecWords[codec].label} is only read, not written`);
    packings.push(packing);
  }
  const found = structureOf(structure, reading);
  if (found === null) return { packings, content, structure: null };
  const { text, cut: textCut } = treeToJson(found.tree, found.tree.root, maxInnerBytes);
  if (textCut || Buffer.byteLength(text) > maxInnerBytes) throw new NotEditable('The value is too large to be edited as text (4 MiB)');
  const again = await treeOf(Buffer.from(text));
  // names that look like the marks of the text, digits that JSON has no form for
  if (!sameValue(again, again.root, found.tree, found.tree.root)) throw new NotEditable('As text the value would not come back the same');
  return { packings, content, structure: { ...found, text } };
}

async function packed(packings: readonly Packing[], content: Uint8Array): Promise<Uint8Array> {
  let bytes = content;
  for (const { pack } of packings.toReversed()) bytes = await pack(bytes);
  return bytes;
}

function notesOf(packings: readonly Packing[]): string {
  return [...new Set(packings.map(({ note }) => note).filter((note) => note !== ''))].join('. ');
}

function sameBytes(a: Uint8Array, b: Uint8Array | undefined): boolean {
  return b !== undefined && Buffer.compare(a, b) === 0;
}

/** Why a value through these layers is not edited; anything else is a failure of the program. */
function whyNot(error: unknown): string {
  if (error instanceof NotEditable) return error.message;
  if (error instanceof TypeError) throw error;
  const { message } = faultOf(error);
  return `${message.charAt(0).toUpperCase()}${message.slice(1)}`;
}

/**
 * What of these bytes can be edited through their layers. It is offered only when writing the present value again, as it is
 * read, gives a value that reads the same.
 */
export async function unpack(bytes: Uint8Array, layers: readonly CodecId[], onTry: OnTry): Promise<Unpacked> {
  try {
    const { packings, content, structure } = await opened(bytes, layers, onTry);
    const again = await packed(packings, content);
    const same = sameBytes(again, bytes);
    if (!same) {
      const reread = await readAs(again, layers.slice(0, packings.length), { partial: false, schema: null, onTry });
      if (!sameBytes(content, reread.stages[packings.length])) return { editable: false, reason: 'Written again, the layers would not read the same' };
    }
    const common = { editable: true, same, note: notesOf(packings) } as const;
    return structure === null ? { ...common, inner: content, form: 'bytes' } : { ...common, inner: Buffer.from(structure.text), form: 'json' };
  } catch (error) {
    return { editable: false, reason: whyNot(error) };
  }
}

/** The bytes of a value with another inside; PARSE_FAILED when the text is no JSON or says what the format cannot. */
export async function repack(bytes: Uint8Array, layers: readonly CodecId[], inner: Uint8Array, onTry: OnTry): Promise<{ bytes: Uint8Array; note: string }> {
  let before: Opened;
  try {
    before = await opened(bytes, layers, onTry);
  } catch (error) {
    throw new LookasideError('UNSUPPORTED', 'This value cannot be written through its layers', { hint: whyNot(error) });
  }
  const { packings, structure } = before;
  let content = inner;
  let meant: DecodedTree | null = null;
  if (structure !== null) {
    try {
      meant = await treeOf(inner);
      content = spliced(meant, structure.tree, before.content, structure.writer);
    } catch (error) {
      if (error instanceof TypeError && !('code' in error)) throw error;
      const { message, at } = faultOf(error);
      throw new LookasideError('PARSE_FAILED', `The text cannot be stored: ${message}`, { details: at < 0 ? {} : { byte: at } });
    }
  }
  const written = await packed(packings, content);
  const reread = await readAs(written, structure === null ? layers.slice(0, packings.length) : layers, { partial: false, schema: null, onTry });
  const reads = meant === null || reread.tree === null ? meant === null : sameValue(reread.tree, reread.tree.root, meant, meant.root);
  if (reread.failed !== null || !sameBytes(content, reread.stages[packings.length]) || !reads) {
    throw new LookasideError('UNSUPPORTED', 'What was typed does not read the same once it is stored, so nothing was written', { hint: 'Edit the stored bytes instead.' });
  }
  return { bytes: written, note: notesOf(packings) };
}
