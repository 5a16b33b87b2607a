import { Button, SegmentedControl } from '@mantine/core';
import { lazy, Suspense, useMemo, useState } from 'react';
import { bytesOfText, textForm, type TextForm } from '../../../../../shared/edit/text-form.ts';
import { hexLines } from '../../../../../shared/edit/hex-model.ts';
import { LoadingRows } from '../../../../ui/loading-rows.tsx';
import { looksReadable, mayBeJson } from '../byte-view.ts';
import { indentedJson, readJson } from '../json-tree.ts';
import { isChanged, type Draft } from './draft-store.ts';
import { HexEditor } from './hex-editor.tsx';
import classes from './edit.module.css';

const CodeEditor = lazy(async () => ({ default: (await import('./code-editor.tsx')).CodeEditor }));
const CodeDiff = lazy(async () => ({ default: (await import('./code-editor.tsx')).CodeDiff }));

type Form = 'text' | 'hex' | 'changes';

interface BytesEditorProps {
  draft: Draft;
  onBytes: (bytes: Uint8Array) => void;
  /** Half a character was typed: it cannot be saved. */
  onUnsavable: (reason: string) => void;
  fixedLength: boolean;
  label: string;
  /** Opens with the changes in view. */
  showChanges: boolean;
  /** The text stands for a value: its own bytes mean nothing. */
  textOnly?: boolean;
}

/** Where text editing is not offered, why. */
function whyNoText(form: TextForm | null): string {
  return form === null ? 'The bytes are no valid UTF-8: as text they would not come back the same' : '';
}

/** Bytes to edit: as text only where they come back the very same, else in hexadecimal. */
export function BytesEditor({ draft, onBytes, onUnsavable, fixedLength, label, showChanges, textOnly = false }: BytesEditorProps) {
  const { base, bytes } = draft;
  const form = useMemo(() => textForm(bytes), [bytes]);
  const baseForm = useMemo(() => textForm(base), [base]);
  const readable = form !== null && looksReadable(form.text);
  const [asked, setAsked] = useState<Form>(showChanges ? 'changes' : readable ? 'text' : 'hex');
  const shown: Form = asked === 'text' && form === null ? 'hex' : asked;
  const [version, setVersion] = useState(0);
  const [jsonAtFirst] = useState(() => form !== null && mayBeJson(form.text));
  const json = useMemo(() => (form !== null && (jsonAtFirst || mayBeJson(form.text)) ? readJson(form.text) : null), [form, jsonAtFirst]);
  const changed = isChanged(draft);
  const asText = form !== null && baseForm !== null;

  const onText = (text: string) => {
    const next = bytesOfText(text);
    onUnsavable(next === null ? 'The text holds half a character, which cannot be saved' : '');
    if (next !== null) onBytes(next);
  };
  const format = () => {
    if (json === null) return;
    const next = bytesOfText(indentedJson(json));
    if (next === null) return;
    onBytes(next);
    setVersion(version + 1);
  };

  return (
    <div className={classes['editor']}>
      <div className={classes['bar']} role="group" aria-label="Form">
        <SegmentedControl
          size="xs"
          aria-label={`Edit the ${label} as`}
          value={shown}
          onChange={(value) => setAsked(value === 'hex' || value === 'changes' ? value : 'text')}
          data={[
            { value: 'text', label: <span title={whyNoText(form)}>Text</span>, disabled: form === null },
            ...(textOnly ? [] : [{ value: 'hex', label: 'Hex' }]),
            { value: 'changes', label: <span title={changed ? '' : 'Nothing is changed yet'}>Changes</span>, disabled: !changed },
          ]}
        />
        {shown === 'text' && form !== null && <TextFacts form={form} base={baseForm} />}
        {shown === 'hex' && form === null && <span className={classes['facts']}>{whyNoText(form)}</span>}
        <span className={classes['spring']} />
        {shown !== 'hex' && jsonAtFirst && (
          <span className={classes['facts']} data-wrong={json === null || undefined} role="status">
            {json === null ? 'Not valid JSON' : 'Valid JSON'}
          </span>
        )}
        {shown === 'text' && json !== null && !fixedLength && (
          <Button variant="default" onClick={format} title="Only spaces and line breaks change; numbers and the order of names stay as they are written">
            Format
          </Button>
        )}
      </div>
      <div className={classes['surface']}>
        <Suspense fallback={<LoadingRows rows={6} label="Loading the editor" />}>
          {shown === 'text' && form !== null && <CodeEditor text={form.text} version={version} label={label} json={jsonAtFirst} onText={onText} />}
          {shown === 'hex' && <HexEditor base={base} bytes={bytes} onBytes={onBytes} fixedLength={fixedLength} label={label} />}
          {shown === 'changes' && (
            <div className={classes['editor']}>
              <div className={classes['diffHead']} aria-hidden>
                <span>As it was read</span>
                <span>To be saved</span>
              </div>
              <CodeDiff before={asText ? baseForm.text : hexLines(base)} after={asText ? form.text : hexLines(bytes)} json={asText && jsonAtFirst} />
            </div>
          )}
        </Suspense>
      </div>
    </div>
  );
}

function TextFacts({ form, base }: { form: TextForm; base: TextForm | null }) {
  const parts = [
    'UTF-8',
    form.byteOrderMark ? 'byte order mark' : '',
    form.lineEndings === 'none' ? '' : form.lineEndings === 'mixed' ? 'mixed line ends, kept' : form.lineEndings,
    form.text === '' ? 'empty' : form.endsWithNewline ? 'ends with a newline' : 'no newline at the end',
  ];
  const newlineChanged = base !== null && base.endsWithNewline !== form.endsWithNewline;
  return (
    <span className={classes['facts']}>
      {parts.filter((part) => part !== '').join(' · ')}
      {newlineChanged && ' (changed)'}
    </span>
  );
}
