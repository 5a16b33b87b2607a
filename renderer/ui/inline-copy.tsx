import { IconCheck, IconCopy } from '@tabler/icons-react';
import { useEffect, useState } from 'react';
import { copyText } from '../lib/copy.ts';
import { IconButton } from './icon-button.tsx';

/** A small button that copies; says so for a moment. */
export function InlineCopy({ text, label }: { text: string | (() => string); label: string }) {
  const [state, setState] = useState<'idle' | 'copied' | 'refused'>('idle');
  useEffect(() => {
    if (state === 'idle') return undefined;
    const timer = setTimeout(() => setState('idle'), 1500);
    return () => clearTimeout(timer);
  }, [state]);
  const words = { idle: label, copied: 'Copied', refused: 'The browser refuses to copy' }[state];
  return (
    <IconButton
      label={words}
      icon={state === 'copied' ? <IconCheck size={14} /> : <IconCopy size={14} />}
      onClick={() => void copyText(typeof text === 'string' ? text : text()).then((done) => setState(done ? 'copied' : 'refused'))}
    />
  );
}
