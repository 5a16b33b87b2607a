/** Facts of the keys of one page as they come from the server, by the place of a key in it. -1 = the server did not tell. */
export class PageFacts {
  /** Names of types and encodings of this page; a code is an index into it plus 1, 0 = not told. */
  readonly words: string[];
  readonly type: Uint16Array;
  readonly encoding: Uint16Array;
  /** Unix ms by the server's clock, `neverExpires`, or `notTold`. */
  readonly expires: Float64Array;
  readonly bytes: Float64Array;
  readonly elements: Float64Array;
  readonly recency: Float64Array;
  readonly count: number;

  constructor(count: number, words: string[] = []) {
    this.count = count;
    this.words = words;
    this.type = new Uint16Array(count);
    this.encoding = new Uint16Array(count);
    this.expires = new Float64Array(count).fill(notTold);
    this.bytes = new Float64Array(count).fill(notTold);
    this.elements = new Float64Array(count).fill(notTold);
    this.recency = new Float64Array(count).fill(notTold);
  }

  /** Code of a word, noted when it is new. */
  code(word: string): number {
    const at = this.words.indexOf(word);
    return at >= 0 ? at + 1 : this.words.push(word);
  }
}

export const notTold = -1;
export const neverExpires = -2;
