import { codecWords, type CodecId } from '../../../../shared/decode/codecs.ts';
import type { DecodedTree } from '../../../../shared/decode/tree.ts';
import { factsOf, type Codec, type DecodeContext, type LayerFacts, type LayerResult } from './codec.ts';
import { faultOf, type DecodeFault } from './fault.ts';
import { allCodecs, codecs } from './registry.ts';

/** From here on a guess is shown without being asked for. */
export const sureEnough = 0.75;
/** Below this a guess is not even offered. */
const worthOffering = 0.15;
const maxLayers = 8;
/** Layers in which formats without any mark are tried. */
const weakDepth = 3;
/** Bytes that read as text are recognised from this length on. */
const fewestLetters = 12;

export interface ReadLayer {
  codec: CodecId;
  confidence: number;
  reason: string;
  bytesIn: number;
  /** `null` when it gives a tree. */
  bytesOut: number | null;
}

export interface Alternative {
  codecs: CodecId[];
  confidence: number;
  reason: string;
}

export interface Failure {
  codec: CodecId;
  reason: string;
  /** `null` when the place is not known. */
  atByte: number | null;
}

export interface Reading {
  layers: ReadLayer[];
  /** What each layer was given; one more than `layers` when the last one gave bytes. */
  stages: Uint8Array[];
  tree: DecodedTree | null;
  failed: Failure | null;
  alternatives: Alternative[];
  /** A layer's output ends early. */
  cut: boolean;
}

export interface DetectOptions {
  partial: boolean;
  schema: DecodeContext['schema'];
  /** Told before each try, so that the one that hangs can be named. */
  onTry?: ((codec: CodecId) => void) | undefined;
}

function layerOf({ id }: Codec, bytes: Uint8Array, result: LayerResult, out: Uint8Array | null): ReadLayer {
  return { codec: id, confidence: result.confidence, reason: result.reason, bytesIn: bytes.length, bytesOut: out?.length ?? null };
}

/** A tree that is one text or byte string only wraps other bytes: PHP in a PHP string, pickled bytes, a Java String. */
function wrapped(tree: DecodedTree | undefined): Uint8Array | null {
  const root = tree?.nodes[tree.root];
  if (root?.kind === 'bytes') return root.bytes;
  return root?.kind === 'text' ? Buffer.from(root.text) : null;
}

function failureOf({ id }: Codec, { message, at }: DecodeFault): Failure {
  return { codec: id, reason: message, atByte: at < 0 ? null : at };
}

function bare(bytes: Uint8Array): Reading {
  return { layers: [], stages: [bytes], tree: null, failed: null, alternatives: [], cut: false };
}

/** The reading of what a layer gave, put behind that layer. */
function behind(layer: ReadLayer, bytes: Uint8Array, inner: Reading, cut: boolean): Reading {
  return {
    ...inner,
    layers: [layer, ...inner.layers],
    stages: [bytes, ...inner.stages],
    alternatives: inner.alternatives.map((one) => ({ ...one, codecs: [layer.codec, ...one.codecs] })),
    cut: cut || inner.cut,
  };
}

/** Whether bytes are something: a format that is sure of itself, or a text of some length. */
function recognised(inner: Reading, facts: LayerFacts): boolean {
  const [first] = inner.layers;
  if (first !== undefined && inner.failed === null && first.confidence >= sureEnough && codecWords[first.codec].gives !== 'reading') return true;
  return facts.readable && (facts.text ?? '').trim().length >= fewestLetters;
}

interface Candidate {
  codec: Codec;
  result: LayerResult;
}

class Detector {
  readonly #options: DetectOptions;

  constructor(options: DetectOptions) {
    this.#options = options;
  }

  async try(codec: Codec, bytes: Uint8Array, partial: boolean, forced = false): Promise<LayerResult> {
    this.#options.onTry?.(codec.id);
    return codec.decode(bytes, { partial, forced, schema: this.#options.schema });
  }

  async auto(bytes: Uint8Array, partial: boolean, depth: number): Promise<Reading> {
    const facts = factsOf(bytes);
    if (depth >= maxLayers || bytes.length === 0) return bare(bytes);
    const fitting = allCodecs.filter((codec) => codec.mayBe(bytes, facts) && (!partial || codecWords[codec.id].gives === 'bytes'));
    const candidates: Candidate[] = [];
    let failed: Failure | null = null;
    for (const codec of fitting.filter(({ proof }) => proof !== 'weak')) {
      try {
        candidates.push({ codec, result: await this.try(codec, bytes, partial) });
      } catch (error) {
        const fault = faultOf(error);
        if (codec.proof === 'sure') failed = failureOf(codec, fault);
      }
    }
    candidates.sort((a, b) => b.result.confidence - a.result.confidence);
    const [best] = candidates;
    const chosen = best !== undefined && best.result.confidence >= sureEnough ? best : null;
    const others = candidates
      .filter((one) => one !== chosen && one.result.confidence >= worthOffering)
      .map(({ codec, result }): Alternative => ({ codecs: [codec.id], confidence: result.confidence, reason: result.reason }));
    if (chosen === null && failed !== null) return { ...bare(bytes), failed, alternatives: others };
    const reading = chosen === null ? await this.#weak(fitting, bytes, partial, depth) : await this.#follow(chosen, bytes, depth);
    return { ...reading, alternatives: [...others, ...reading.alternatives] };
  }

  /** What comes out of a layer, read on. */
  async #follow({ codec, result }: Candidate, bytes: Uint8Array, depth: number): Promise<Reading> {
    const { out, tree, cut = false } = result;
    if (out !== undefined) return behind(layerOf(codec, bytes, result, out), bytes, await this.auto(out, cut, depth + 1), cut);
    const own: Reading = { ...bare(bytes), layers: [layerOf(codec, bytes, result, null)], tree: tree ?? null };
    const inside = wrapped(tree);
    if (inside === null || inside.length < 4) return own;
    const inner = await this.auto(inside, false, depth + 1);
    const [first] = inner.layers;
    if (first === undefined || first.confidence < sureEnough || codecWords[first.codec].gives === 'reading') return own;
    return behind(layerOf(codec, bytes, result, inside), bytes, inner, cut);
  }

  /** Formats without a mark: counted only when what comes out is itself recognised. */
  async #weak(fitting: readonly Codec[], bytes: Uint8Array, partial: boolean, depth: number): Promise<Reading> {
    if (depth >= weakDepth) return bare(bytes);
    const found: { reading: Reading; confidence: number }[] = [];
    let failed: Failure | null = null;
    for (const codec of fitting.filter(({ proof }) => proof === 'weak')) {
      try {
        const result = await this.try(codec, bytes, partial);
        const { out, cut = false } = result;
        if (out === undefined || out.length === 0) continue;
        const inner = await this.auto(out, cut, depth + 1);
        if (!recognised(inner, factsOf(out))) continue;
        const what = inner.layers[0] === undefined ? 'readable text' : codecWords[inner.layers[0].codec].label;
        const confidence = Math.min(result.confidence, inner.layers[0]?.confidence ?? 0.85);
        const layer = { ...layerOf(codec, bytes, result, out), confidence, reason: `${result.reason}; what comes out is ${what}` };
        found.push({ reading: behind(layer, bytes, inner, cut), confidence });
      } catch (error) {
        // Not this one: the ordinary answer of most tries.
        const fault = faultOf(error);
        if (fault.marked) failed = failureOf(codec, fault);
      }
    }
    found.sort((a, b) => b.confidence - a.confidence);
    const [best] = found;
    if (best === undefined) return { ...bare(bytes), failed };
    const others = found.slice(1).map(({ reading, confidence }): Alternative => ({ codecs: reading.layers.map(({ codec }) => codec), confidence, reason: reading.layers[0]?.reason ?? '' }));
    return { ...best.reading, alternatives: [...best.reading.alternatives, ...others] };
  }

  /** Exactly these layers, however unlikely; the one that fails is named and the bytes before it stay. */
  async forced(bytes: Uint8Array, partial: boolean, ids: readonly CodecId[]): Promise<Reading> {
    const [id, ...rest] = ids;
    if (id === undefined) return bare(bytes);
    const codec = codecs[id];
    try {
      const result = await this.try(codec, bytes, partial, true);
      const { tree, cut = false } = result;
      const out = result.out ?? (rest.length > 0 ? wrapped(tree) : null);
      if (out !== null) return behind(layerOf(codec, bytes, result, out), bytes, await this.forced(out, cut, rest), cut);
      const own: Reading = { ...bare(bytes), layers: [layerOf(codec, bytes, result, null)], tree: tree ?? null };
      const [next] = rest;
      return next === undefined ? own : { ...own, failed: { codec: next, reason: 'the layer before it gives no bytes', atByte: null } };
    } catch (error) {
      const fault = faultOf(error);
      return { ...bare(bytes), failed: failureOf(codec, fault) };
    }
  }
}

/** Finds by itself what the bytes are, layer by layer. Never throws for what bytes hold. */
export function readAuto(bytes: Uint8Array, options: DetectOptions): Promise<Reading> {
  return new Detector(options).auto(bytes, options.partial, 0);
}

/** Reads through the named layers; an empty list leaves the bytes alone. Never throws for what bytes hold. */
export function readAs(bytes: Uint8Array, ids: readonly CodecId[], options: DetectOptions): Promise<Reading> {
  return new Detector(options).forced(bytes, options.partial, ids);
}
