import { parentPort } from 'node:worker_threads';
import type { CodecId } from '../../../shared/decode/codecs.ts';
import { LookasideError } from '../../../shared/contract/errors.ts';
import type { DecodeCalls, DecodeMethod, FromDecodeWorker, ProtoChoice, ToDecodeWorker } from './decode/decode-messages.ts';
import { readAs, readAuto, type Reading } from './decode/detect.ts';
import { repack, unpack } from './decode/encode/recode.ts';
import { protoMessages, protoSchema } from './decode/formats/proto-schema.ts';
import { OpenReading, previewOf } from './decode/open-reading.ts';

/** Entry of the worker thread that decodes values. It is ended by the host when a value takes too long. */

if (parentPort === null) throw new Error('The decode worker runs as a worker thread only');
const port = parentPort;
const keptReadings = 8;
const keptBytes = 160 * 1024 * 1024;
const readings = new Map<string, OpenReading>();

function post(message: FromDecodeWorker): void {
  port.postMessage(message);
}

function keep(decodeId: string, reading: OpenReading): void {
  readings.set(decodeId, reading);
  let size = 0;
  // the newest stays whatever its size
  for (const [at, [id, each]] of [...readings].toReversed().entries()) {
    size += each.size;
    if (at > 0 && (at >= keptReadings || size > keptBytes)) readings.delete(id);
  }
}

function open(decodeId: string): OpenReading {
  const reading = readings.get(decodeId);
  if (reading === undefined) throw new LookasideError('NOT_FOUND', 'This decoded value is not kept any more', { hint: 'Read the value again.' });
  readings.delete(decodeId);
  readings.set(decodeId, reading);
  return reading;
}

/** Says which codec is at work on a call. */
function tell(id: number): (codec: CodecId) => void {
  return (codec) => post({ kind: 'trying', id, codec });
}

function read(id: number, bytes: Uint8Array, partial: boolean, layers: readonly CodecId[] | null, proto: ProtoChoice | null): Promise<Reading> {
  const schema = proto === null ? null : protoSchema(proto.source, proto.message);
  const options = { partial, schema, onTry: tell(id) };
  return layers === null ? readAuto(bytes, options) : readAs(bytes, layers, options);
}

type Handlers = { [M in DecodeMethod]: (input: DecodeCalls[M]['input'], id: number) => DecodeCalls[M]['output'] | Promise<DecodeCalls[M]['output']> };

const handlers: Handlers = {
  decode: async ({ decodeId, bytes, partial, layers, proto }, id) => {
    const kept = readings.get(decodeId);
    const reading = kept ?? new OpenReading(await read(id, bytes, partial, layers, proto));
    readings.delete(decodeId);
    keep(decodeId, reading);
    return reading.summary();
  },
  rows: ({ decodeId, parent, from, count }) => open(decodeId).rows(parent, from, count),
  search: ({ decodeId, text }) => open(decodeId).search(text),
  place: ({ decodeId, id }) => open(decodeId).place(id),
  text: ({ decodeId, id, form }) => open(decodeId).text(id, form),
  bytes: ({ decodeId, stage, from, bytes }) => open(decodeId).bytes(stage, from, bytes),
  preview: async ({ bytes, layers, proto }, id) => previewOf(await read(id, bytes, false, layers, proto)),
  unpack: ({ bytes, layers }, id) => unpack(bytes, layers, tell(id)),
  repack: ({ bytes, layers, inner }, id) => repack(bytes, layers, inner, tell(id)),
  protoMessages: ({ source }) => ({ messages: protoMessages(source) }),
};

async function serve(message: ToDecodeWorker): Promise<void> {
  try {
    const handler = handlers[message.method] as (input: unknown, id: number) => unknown;
    post({ kind: 'answer', id: message.id, value: await handler(message.input, message.id) });
  } catch (error) {
    const problem = error instanceof LookasideError ? error : new LookasideError('INTERNAL', 'The decoder failed', { details: { error: error instanceof Error ? `${error.name}: ${error.message}` : typeof error } });
    post({ kind: 'refusal', id: message.id, problem: problem.toProblem() });
  }
}

// one after the other: a call's time is its own
let last = Promise.resolve();
port.on('message', (message: ToDecodeWorker) => {
  last = last.then(() => serve(message));
});
post({ kind: 'ready' });
