/** Ranges of a text in an element, whatever its case; a match lies within one piece of text. */
export function findRanges(element: HTMLElement, text: string, limit: number): { hits: Range[]; more: boolean } {
  const wanted = text.toLowerCase();
  const hits: Range[] = [];
  const walker = document.createTreeWalker(element, NodeFilter.SHOW_TEXT);
  for (let node = walker.nextNode(); node !== null; node = walker.nextNode()) {
    // lower case can be longer than its letters, which would shift every place behind it
    const whole = node.nodeValue ?? '';
    const lower = whole.toLowerCase();
    const piece = lower.length === whole.length ? lower : whole;
    for (let at = piece.indexOf(wanted); at >= 0; at = piece.indexOf(wanted, at + wanted.length)) {
      if (hits.length === limit) return { hits, more: true };
      const range = document.createRange();
      range.setStart(node, at);
      range.setEnd(node, at + wanted.length);
      hits.push(range);
    }
  }
  return { hits, more: false };
}
