import { open, type FileHandle } from 'node:fs/promises';
import { LookasideError } from '../../../../../shared/contract/errors.ts';
import { translateStoreError } from '../../../store/atomic-file.ts';
import { frame, Unframer } from './framing.ts';

const pieceBytes = 1024 * 1024;

/** Appends framed records. After a failed write nothing more is taken: what follows would stand behind a cut record. */
export class RecordWriter {
  readonly path: string;
  readonly #file: FileHandle;
  #bytes: number;
  #last: Promise<void> = Promise.resolve();
  #failure: LookasideError | null = null;
  /** One flush serves all who ask while it waits its turn. */
  #nextSync: Promise<void> | null = null;

  private constructor(path: string, file: FileHandle, bytes: number) {
    this.path = path;
    this.#file = file;
    this.#bytes = bytes;
  }

  /** A new file for this user only. Rejects with STORE_*, also when it exists. */
  static async create(path: string): Promise<RecordWriter> {
    try {
      return new RecordWriter(path, await open(path, 'wx', 0o600), 0);
    } catch (error) {
      throw translateStoreError(error, path, 'write');
    }
  }

  /** Goes on after the last whole record: `wholeBytes` of a reader. What stands behind it is cut off. */
  static async continue(path: string, wholeBytes: number): Promise<RecordWriter> {
    try {
      const file = await open(path, 'r+');
      await file.truncate(wholeBytes);
      return new RecordWriter(path, file, wholeBytes);
    } catch (error) {
      throw translateStoreError(error, path, 'write');
    }
  }

  get bytes(): number {
    return this.#bytes;
  }

  /** Resolves with where the record begins, in the order of the calls. Rejects with STORE_* when it is not whole in the file. */
  append(payload: Buffer): Promise<number> {
    return this.#inTurn(async () => {
      const framed = frame(payload);
      const begin = this.#bytes;
      let done = 0;
      while (done < framed.length) {
        const { bytesWritten } = await this.#file.write(framed, done, framed.length - done, this.#bytes + done);
        if (bytesWritten === 0) throw Object.assign(new Error('Nothing was written'), { code: 'ENOSPC' });
        done += bytesWritten;
      }
      this.#bytes += framed.length;
      return begin;
    });
  }

  /** Resolves when all that was appended before is on the disk itself. */
  sync(): Promise<void> {
    this.#nextSync ??= this.#inTurn(() => {
      this.#nextSync = null;
      return this.#file.datasync();
    });
    return this.#nextSync;
  }

  async close(): Promise<void> {
    await this.#last;
    await this.#file.close();
  }

  #inTurn<T>(work: () => Promise<T>): Promise<T> {
    const mine = this.#last.then(async () => {
      if (this.#failure !== null) throw this.#failure;
      try {
        return await work();
      } catch (error) {
        this.#failure = translateStoreError(error, this.path, 'write');
        throw this.#failure;
      }
    });
    // told to the one who asked; those who come later get it from `#failure`
    this.#last = mine.then(
      () => undefined,
      () => undefined,
    );
    return mine;
  }
}

export interface ReadRecord {
  payload: Buffer;
  /** Where its frame begins in the file. */
  at: number;
}

/** Whole records of a file, in order; afterwards `end` says how far they went. Rejects with STORE_*. */
export class RecordReader {
  readonly #path: string;
  readonly #onAltered: ((payload: Buffer, at: number) => void) | null;
  #unframer: Unframer;
  #from = 0;

  /** `onAltered`: records whose checksum is wrong are told and passed over; without it they end the file. */
  constructor(path: string, onAltered: ((payload: Buffer, at: number) => void) | null = null) {
    this.#path = path;
    this.#onAltered = onAltered;
    this.#unframer = new Unframer(onAltered);
  }

  /** Of the records given so far. */
  get wholeBytes(): number {
    return this.#from + this.#unframer.wholeBytes;
  }

  /** After the walk: bytes stand behind the last whole record. */
  get cut(): boolean {
    return this.#unframer.cut;
  }

  /** From the frame that begins at `from`, until the end or until the reader leaves. */
  async *read(from = 0): AsyncGenerator<ReadRecord, void, void> {
    let file: FileHandle | null = null;
    this.#unframer = new Unframer(this.#onAltered);
    this.#from = from;
    try {
      file = await open(this.#path, 'r');
      for (let at = from; this.#unframer.readable; ) {
        const piece = Buffer.allocUnsafe(pieceBytes);
        const { bytesRead } = await file.read(piece, 0, pieceBytes, at);
        if (bytesRead === 0) break;
        at += bytesRead;
        let begin = this.wholeBytes;
        for (const payload of this.#unframer.push(piece.subarray(0, bytesRead))) {
          yield { payload, at: begin };
          begin = this.wholeBytes;
        }
      }
    } catch (error) {
      if (error instanceof LookasideError) throw error;
      throw translateStoreError(error, this.#path, 'read');
    } finally {
      await file?.close();
    }
  }
}
