import { useEffect, useRef } from 'react';
import { openDiff, openEditor, openSide } from './code-mirror.ts';
import classes from './edit.module.css';

interface CodeEditorProps {
  /** The text at first; what is typed after that is told by `onText`. Another `version` sets the text anew. */
  text: string;
  version: number;
  label: string;
  json: boolean;
  onText: (text: string) => void;
}

export function CodeEditor({ text, version, label, json, onText }: CodeEditorProps) {
  const box = useRef<HTMLDivElement>(null);
  const latest = useRef({ text, onText });
  useEffect(() => {
    latest.current = { text, onText };
  });
  useEffect(() => {
    if (box.current === null) return undefined;
    const view = openEditor(box.current, { text: latest.current.text, label, json, onText: (next) => latest.current.onText(next) });
    view.focus();
    return () => view.destroy();
  }, [label, json, version]);
  return <div ref={box} className={classes['code']} />;
}

/** The difference between two texts. */
export function CodeDiff({ before, after, json }: { before: string; after: string; json: boolean }) {
  const box = useRef<HTMLDivElement>(null);
  useEffect(() => {
    if (box.current === null) return undefined;
    const view = openDiff(box.current, before, after, json);
    return () => view.destroy();
  }, [before, after, json]);
  // A scrolling box has to be reachable by keyboard.
  // oxlint-disable-next-line jsx-a11y/no-noninteractive-tabindex
  return <div ref={box} className={classes['code']} tabIndex={0} role="region" aria-label="Changes" />;
}

/** One of the sides, with what it changed of `base`; without `base` as it is. */
function CodeSide({ head, text, base, json }: { head: string; text: string; base: string | null; json: boolean }) {
  const box = useRef<HTMLDivElement>(null);
  useEffect(() => {
    if (box.current === null) return undefined;
    const view = openSide(box.current, { text, base, label: head, json });
    return () => view.destroy();
  }, [head, text, base, json]);
  return (
    <div className={classes['side']}>
      <h4>{head}</h4>
      {/* oxlint-disable-next-line jsx-a11y/no-noninteractive-tabindex -- a scrolling box has to be reachable by keyboard */}
      <div ref={box} className={classes['code']} tabIndex={0} role="region" aria-label={head} />
    </div>
  );
}

/** Three texts: one, and what two others made of it. */
export function CodeSides({ base, theirs, mine, json }: { base: string; theirs: string; mine: string; json: boolean }) {
  return (
    <div className={classes['sides']}>
      <CodeSide head="As it was read" text={base} base={null} json={json} />
      <CodeSide head="There now" text={theirs} base={base} json={json} />
      <CodeSide head="The edit" text={mine} base={base} json={json} />
    </div>
  );
}
