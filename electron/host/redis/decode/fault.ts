/** Bytes that are not what a decoder takes them for. An ordinary answer, never an error of the program. */
export class DecodeFault extends Error {
  override readonly name = 'DecodeFault';
  /** Where in the layer's bytes; -1 when it cannot be said. */
  readonly at: number;
  /** A mark of several bytes showed what it is: it is corrupt, not something else. */
  readonly marked: boolean;

  constructor(reason: string, at = -1, marked = false) {
    super(reason);
    this.at = at;
    this.marked = marked;
  }
}

/** The reason and place of any failure of a decoder; a library's own error keeps its words. */
export function faultOf(error: unknown): DecodeFault {
  if (error instanceof DecodeFault) return error;
  if (error instanceof RangeError) return new DecodeFault('a length leads beyond the end of the bytes');
  return new DecodeFault(error instanceof Error ? error.message : String(error));
}
