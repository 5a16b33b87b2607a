import { Button, Textarea } from '@mantine/core';
import { IconArrowBackUp, IconCheck } from '@tabler/icons-react';
import { useState } from 'react';
import { parseConnectionText } from '../../../shared/connections/parse-connection.ts';
import type { ParsedConnection } from '../../../shared/connections/parsed-connection.ts';
import { toProblem } from '../../lib/to-problem.ts';
import { isSameForm, withParsed, type DraftForm } from './draft-form.ts';
import editor from './connection-editor.module.css';
import classes from './paste-box.module.css';

interface PasteBoxProps {
  form: DraftForm;
  onApply: (form: DraftForm) => void;
  focus: boolean;
  /** Name of an environment variable of this machine that holds a Redis URL. */
  redisUrlVariable: string | null;
}

type Reading = { parsed: ParsedConnection } | { failure: string } | null;

function read(text: string): Reading {
  if (text.trim() === '') return null;
  try {
    return { parsed: parseConnectionText(text) };
  } catch (error) {
    return { failure: toProblem(error).message };
  }
}

function Parts({ parsed }: { parsed: ParsedConnection }) {
  return (
    <div className={classes['parts']}>
      {parsed.parts.map((part) => (
        <span key={part.label} className={classes['part']}>
          <span className={classes['label']}>{part.label}</span>
          <span className="la-mono">{part.value}</span>
        </span>
      ))}
    </div>
  );
}

/**
 * Paste anything that names a server. What is pasted goes into the form at once and leaves this box, so that no
 * password stays readable; what is typed is shown as it is understood, and Enter takes it over.
 */
export function PasteBox({ form, onApply, focus, redisUrlVariable }: PasteBoxProps) {
  const [text, setText] = useState('');
  const [taken, setTaken] = useState<{ parsed: ParsedConnection; before: DraftForm; after: DraftForm } | null>(null);
  const reading = read(text);
  const apply = (parsed: ParsedConnection) => {
    const after = withParsed(form, parsed);
    setTaken({ parsed, before: form, after });
    setText('');
    onApply(after);
  };
  const undo = () => {
    if (taken === null) return;
    onApply(taken.before);
    setTaken(null);
  };
  const understood = reading !== null && 'parsed' in reading ? reading.parsed : null;
  const shown = understood ?? (text === '' && taken !== null && isSameForm(form, taken.after) ? taken.parsed : null);
  return (
    <div className={`${editor['section']} ${classes['box']}`}>
      <Textarea
        label="Paste a connection"
        placeholder="redis://user:password@host:6379/0    redis-cli -h host -a …    REDIS_URL=…    postgres://user@host/database    host=… dbname=…"
        classNames={{ input: 'la-mono' }}
        autosize
        minRows={1}
        maxRows={6}
        spellCheck={false}
        autoComplete="off"
        autoFocus={focus}
        value={text}
        error={reading !== null && 'failure' in reading ? reading.failure : undefined}
        onChange={(event) => setText(event.currentTarget.value)}
        onPaste={(event) => {
          if (text !== '') return;
          const pasted = read(event.clipboardData.getData('text/plain'));
          if (pasted === null || !('parsed' in pasted)) return;
          event.preventDefault();
          apply(pasted.parsed);
        }}
        onKeyDown={(event) => {
          if (event.key !== 'Enter' || event.shiftKey || understood === null || event.nativeEvent.isComposing) return;
          event.preventDefault();
          apply(understood);
        }}
      />
      {shown !== null && (
        <div className={classes['read']} role="status">
          <span className={classes['verdict']}>
            {understood === null ? (
              <>
                <IconCheck size={14} aria-hidden /> Filled in
              </>
            ) : (
              'Understood'
            )}
          </span>
          <Parts parsed={shown} />
          <div className={editor['spring']} />
          {understood !== null && <Button onClick={() => apply(understood)}>Fill in the form</Button>}
          {understood === null && (
            <Button variant="subtle" color="gray" leftSection={<IconArrowBackUp size={14} />} onClick={undo}>
              Undo
            </Button>
          )}
        </div>
      )}
      {shown?.warnings.map((warning) => (
        <p key={warning} className={editor['warning']}>
          {warning}
        </p>
      ))}
      {shown === null && redisUrlVariable !== null && <p className={editor['note']}>This machine’s environment has {redisUrlVariable}; paste its value here to use it.</p>}
    </div>
  );
}
