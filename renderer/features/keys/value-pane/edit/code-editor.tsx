import { useEffect, useRef } from 'react';
import { openDiff, openEditor } from './code-mirror.ts';
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
