import { Button, Group } from '@mantine/core';
import { lazy, Suspense, useMemo } from 'react';
import { hexLines } from '../../../../../shared/edit/hex-model.ts';
import { textForm } from '../../../../../shared/edit/text-form.ts';
import { LoadingRows } from '../../../../ui/loading-rows.tsx';
import { mayBeJson } from '../byte-view.ts';
import type { DraftConflict } from './draft-store.ts';
import classes from './edit.module.css';

const CodeSides = lazy(async () => ({ default: (await import('./code-editor.tsx')).CodeSides }));

interface ConflictViewProps {
  conflict: DraftConflict;
  onOverwrite: () => void;
  onTake: () => void;
  onMerge: () => void;
  onRecreate: (() => void) | null;
  onBack: () => void;
}

function conflictWords({ theirs, present, unread }: DraftConflict): string {
  if (theirs !== null) return 'Nothing was written. Green is what each side added to the value as it was read, red what it took away.';
  if (present.type === 'none') return 'Nothing was written, and what was typed is kept here.';
  if (unread !== '') return `Nothing was written, and what was typed is kept here. What stands there now does not read through the same layers: ${unread}.`;
  return `Nothing was written. The key is a ${present.type} now; what was typed is kept here.`;
}

/** Someone else was faster: what may be done. */
export function ConflictView({ conflict, onOverwrite, onTake, onMerge, onRecreate, onBack }: ConflictViewProps) {
  return (
    <div className={classes['conflict']} role="alert" data-conflict>
      <h3>{conflict.reason}</h3>
      <p>{conflictWords(conflict)}</p>
      <Group gap={6}>
        {conflict.theirs !== null && (
          <>
            <Button variant="default" onClick={onMerge}>
              Merge by hand
            </Button>
            <Button variant="default" onClick={onTake}>
              Take theirs
            </Button>
            <Button color="red" onClick={onOverwrite}>
              Overwrite theirs
            </Button>
          </>
        )}
        {onRecreate !== null && <Button onClick={onRecreate}>Create the key again</Button>}
        <Button variant="default" onClick={onBack}>
          Back to the edit
        </Button>
      </Group>
    </div>
  );
}

/** What was read, what stands there now and the edit, side by side: as text where all three are text, else in hexadecimal. */
export function ThreeSides({ base, theirs, mine }: { base: Uint8Array; theirs: Uint8Array; mine: Uint8Array }) {
  const { sides, json } = useMemo(() => {
    const texts = [base, theirs, mine].map((bytes) => textForm(bytes)?.text ?? null);
    const asText = texts.every((text) => text !== null);
    const [read = '', now = '', edit = ''] = asText ? texts.map((text) => text ?? '') : [base, theirs, mine].map(hexLines);
    return { sides: { base: read, theirs: now, mine: edit }, json: asText && mayBeJson(read) };
  }, [base, theirs, mine]);
  return (
    <div className={classes['surface']}>
      <Suspense fallback={<LoadingRows rows={6} label="Loading the three sides" />}>
        <CodeSides {...sides} json={json} />
      </Suspense>
    </div>
  );
}
