import { Button, Checkbox, CloseButton, FileButton, Select, Textarea } from '@mantine/core';
import { IconFileText } from '@tabler/icons-react';
import { useEffect, useMemo, useState } from 'react';
import { formatBytes, formatExact } from '../../../lib/format.ts';
import { csvColumns, NameLines, plainLines } from '../../../lib/name-lines.ts';
import { tellProblem } from '../../../ui/tell-problem.ts';
import type { NamesInput } from './choose-form.ts';
import classes from '../invalidate.module.css';

/** A paste of more characters becomes a file: a field of that length is slow, and nobody reads it there. */
const longestPaste = 100_000;
const beginningBytes = 64 * 1024;

interface NamesFieldProps {
  label: string;
  /** `name`, `value`: what a line is. */
  unit: string;
  input: NamesInput;
  error: string | undefined;
  onChange: (input: NamesInput) => void;
}

function looksLikeCsv(file: File): boolean {
  return /\.csv$/iu.test(file.name);
}

/** Names typed, pasted, or of a file: a line each, or a column of CSV. */
export function NamesField({ label, unit, input, error, onChange }: NamesFieldProps) {
  const { file, text, layout } = input;
  const take = (next: File | null) => {
    if (next !== null) onChange({ ...input, file: next, layout: looksLikeCsv(next) ? { column: 1, header: true } : plainLines });
  };
  if (file !== null) return <FileInput input={input} file={file} error={error} onChange={onChange} />;
  return (
    <>
      <Textarea
        label={label}
        description={'One a line. What cannot be typed: in quotes with escapes, as in "\\xff\\n"'}
        classNames={{ input: 'la-mono' }}
        rows={5}
        spellCheck={false}
        value={text}
        error={error}
        onChange={(event) => onChange({ ...input, text: event.currentTarget.value })}
        onPaste={(event) => {
          const pasted = event.clipboardData.getData('text/plain');
          if (pasted.length <= longestPaste) return;
          event.preventDefault();
          onChange({ ...input, file: new File([pasted], 'what was pasted'), layout: plainLines });
        }}
        onDragOver={(event) => event.preventDefault()}
        onDrop={(event) => {
          event.preventDefault();
          take(event.dataTransfer.files.item(0));
        }}
      />
      <div className={classes['row']}>
        <TextCount text={text} layout={layout} unit={unit} />
        <span className={classes['spring']} />
        <FileButton onChange={take} resetRef={undefined}>
          {(props) => (
            <Button {...props} variant="default" leftSection={<IconFileText size={14} />}>
              From a file…
            </Button>
          )}
        </FileButton>
      </div>
    </>
  );
}

function TextCount({ text, layout, unit }: Pick<NamesInput, 'text' | 'layout'> & { unit: string }) {
  const lines = useMemo(() => {
    const all = new NameLines(layout);
    all.push(new TextEncoder().encode(text));
    all.end();
    return all;
  }, [text, layout]);
  return (
    <span className={`${classes['dim']} la-number`}>
      {formatExact(lines.names)} {lines.names === 1 ? unit : `${unit}s`}
      {lines.blanks > 0 && `, ${formatExact(lines.blanks)} blank`}
    </span>
  );
}

function FileInput({ input, file, error, onChange }: { input: NamesInput; file: File; error: string | undefined; onChange: (input: NamesInput) => void }) {
  const { layout } = input;
  const [columns, setColumns] = useState<readonly string[]>([]);
  useEffect(() => {
    let left = false;
    file.slice(0, beginningBytes).arrayBuffer().then((bytes) => {
      if (!left) setColumns(csvColumns(new Uint8Array(bytes)));
    }, tellProblem);
    return () => {
      left = true;
    };
  }, [file]);
  const choices = [{ value: '', label: 'A name on each line' }, ...columns.map((name, at) => ({ value: String(at + 1), label: `CSV column ${at + 1}: ${name.slice(0, 40)}` }))];
  return (
    <>
      <div className={classes['row']}>
        <IconFileText size={15} aria-hidden />
        <span className={`${classes['spring']} la-cut`} title={file.name}>
          {file.name}
        </span>
        <span className={`${classes['dim']} la-number`}>{formatBytes(file.size)}</span>
        <CloseButton size={18} aria-label={`Leave the file ${file.name}`} onClick={() => onChange({ ...input, file: null, layout: plainLines })} />
      </div>
      <Select
        label="Laid out as"
        data={choices}
        allowDeselect={false}
        value={layout.column === null ? '' : String(layout.column)}
        onChange={(value) => onChange({ ...input, layout: value === null || value === '' ? plainLines : { column: Number(value), header: layout.column === null || layout.header } })}
      />
      {layout.column !== null && (
        <Checkbox label="The first line names the columns" checked={layout.header} onChange={(event) => onChange({ ...input, layout: { ...layout, header: event.currentTarget.checked } })} />
      )}
      <p className={classes['words']}>Read when the count begins. CRLF, blank lines and duplicates do no harm.</p>
      {error !== undefined && <p className={classes['words']}>{error}</p>}
    </>
  );
}
