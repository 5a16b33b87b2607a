import { useEffect, useId, type ReactNode, type RefObject } from 'react';
import { findRanges } from './find-ranges.ts';
import { TreeSearch } from './tree-search.tsx';

interface TextSearchProps {
  /** The element whose text is searched; it scrolls. */
  target: RefObject<HTMLElement | null>;
  before?: ReactNode;
  after?: ReactNode;
}

/** Matches marked at most; the count says that there are more. */
const mostMatches = 2000;

/** Finds words in a text that is drawn, marks them all and goes from one to the next. */
export function TextSearch({ target, before, after }: TextSearchProps) {
  const id = useId();
  useEffect(
    () => () => {
      for (const name of ['la-found', 'la-current']) CSS.highlights.delete(name);
    },
    [id],
  );
  return (
    <TreeSearch<Range>
      label="Search in the text"
      placeholder="Search the text"
      before={before}
      after={after}
      search={async (text) => {
        const element = target.current;
        const found = element === null ? { hits: [], more: false } : findRanges(element, text, mostMatches);
        CSS.highlights.set('la-found', new Highlight(...found.hits));
        return found;
      }}
      onClear={() => {
        for (const name of ['la-found', 'la-current']) CSS.highlights.delete(name);
      }}
      onHit={(range) => {
        CSS.highlights.set('la-current', new Highlight(range));
        const element = target.current;
        if (element === null) return;
        const [place, box] = [range.getBoundingClientRect(), element.getBoundingClientRect()];
        if (place.top < box.top || place.bottom > box.bottom) element.scrollTop += place.top - box.top - box.height / 2;
        if (place.left < box.left || place.right > box.right) element.scrollLeft += place.left - box.left - box.width / 2;
      }}
    />
  );
}
