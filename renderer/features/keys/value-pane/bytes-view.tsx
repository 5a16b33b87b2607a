import { SegmentedControl, Switch } from '@mantine/core';
import { useMemo, useRef, useState, type ReactNode, type RefObject } from 'react';
import { toWire } from '../../../../shared/bytes.ts';
import { nameLine } from '../../../../shared/redis/cli-quote.ts';
import { formatExact } from '../../../lib/format.ts';
import { useSetting } from '../../../lib/settings.ts';
import { InlineCopy } from '../../../ui/inline-copy.tsx';
import { VirtualRows } from '../../../ui/virtual-rows.tsx';
import { WireText } from '../../../ui/wire-text-view.tsx';
import { bytesPerRow, hexRow, looksReadable, mayBeJson, textWindow } from './byte-view.ts';
import { indentedJson, readJson, type JsonTree } from './json-tree.ts';
import { JsonView } from './json-view.tsx';
import { TextSearch } from './text-search.tsx';
import classes from './value.module.css';

type Form = 'text' | 'json' | 'hex';

interface BytesViewProps {
  /** A window of a value, or all of it. */
  bytes: Uint8Array;
  /** Where the window begins. */
  from: number;
  total: number;
  /** All bytes are here: only then can it be read as JSON. */
  whole: boolean;
  /** Shown beside the forms: moving the window, loading the rest. */
  actions?: ReactNode;
  name: string;
}

/** Text beyond this many characters is not read as JSON by itself. */
const maxJson = 1024 * 1024;

/** Bytes as text, as a JSON tree or in hexadecimal; the form that fits best is chosen until another is asked for. */
export function BytesView({ bytes, from, total, whole, actions, name }: BytesViewProps) {
  const [asked, setAsked] = useState<Form | null>(null);
  const [wrap, setWrap] = useSetting('keys.wrap', true);
  const [indent, setIndent] = useSetting('keys.indent', false);
  const textBox = useRef<HTMLPreElement>(null);
  const text = useMemo(() => textWindow(bytes, from, total), [bytes, from, total]);
  const json = useMemo(
    () => (whole && text.text !== null && text.text.length <= maxJson && mayBeJson(text.text) ? readJson(text.text) : null),
    [whole, text],
  );
  const best: Form = json ? 'json' : text.text !== null && looksReadable(text.text) ? 'text' : 'hex';
  const form = asked === 'json' && !json ? best : (asked ?? best);
  const jsonMissing = json ? '' : whole ? 'The value is not JSON' : 'JSON is read when the whole value is loaded';
  const forms = (
    <SegmentedControl
      size="xs"
      aria-label={`Show the ${name} as`}
      value={form}
      onChange={(value) => setAsked(value === 'json' || value === 'hex' ? value : 'text')}
      data={[
        { value: 'text', label: 'Text' },
        { value: 'json', label: <span title={jsonMissing}>JSON</span>, disabled: !json },
        { value: 'hex', label: 'Hex' },
      ]}
    />
  );
  const tail = (
    <>
      <span className={classes['spring']} />
      {actions}
      <InlineCopy label={whole ? 'Copy value' : 'Copy this window'} text={() => text.text ?? nameLine(bytes)} />
    </>
  );
  return (
    <div className={classes['bytes']}>
      {form === 'hex' && (
        <div className={classes['bytesBar']} role="group" aria-label="Form">
          {forms}
          {tail}
        </div>
      )}
      {form === 'text' && (
        <TextSearch
          target={textBox}
          before={
            <>
              {forms}
              <Switch size="xs" label="Wrap" checked={wrap} onChange={(event) => setWrap(event.currentTarget.checked)} />
              {json && <Switch size="xs" label="Indent" checked={indent} onChange={(event) => setIndent(event.currentTarget.checked)} />}
            </>
          }
          after={tail}
        />
      )}
      {form === 'hex' && <HexView bytes={bytes} from={from} total={total} />}
      {form === 'json' && json && <JsonView tree={json} before={forms} after={tail} />}
      {form === 'text' && <TextView box={textBox} text={text.text} bytes={bytes} wrap={wrap} json={indent ? json : null} />}
      {form === 'text' && text.skippedBefore + text.skippedAfter > 0 && (
        <div className={classes['bytesNote']}>A character is cut by the window&apos;s edge; its bytes show in the next window and in hex.</div>
      )}
    </div>
  );
}

function TextView({ box, text, bytes, wrap, json }: { box: RefObject<HTMLPreElement | null>; text: string | null; bytes: Uint8Array; wrap: boolean; json: JsonTree | null }) {
  const shown = useMemo(() => (json ? indentedJson(json) : (text ?? toWire(bytes))), [json, text, bytes]);
  return (
    // A scrolling box has to be reachable by keyboard.
    // oxlint-disable-next-line jsx-a11y/no-noninteractive-tabindex
    <pre ref={box} className={classes['text']} data-wrap={wrap || undefined} tabIndex={0} data-value-focus aria-label="Text">
      <WireText value={shown} multiline limit={1_200_000} empty="(empty string)" />
    </pre>
  );
}

function HexView({ bytes, from, total }: { bytes: Uint8Array; from: number; total: number }) {
  const [active, setActive] = useState(0);
  const count = Math.ceil(bytes.length / bytesPerRow);
  return (
    <div className={classes['hex']} data-value-focus>
      <div className={classes['hexHead']} aria-hidden>
        <span>Offset</span>
        <span>Bytes</span>
        <span>ASCII</span>
      </div>
      <VirtualRows
        label={`Bytes ${formatExact(from)} to ${formatExact(from + bytes.length)}`}
        role="listbox"
        rowHeight={20}
        count={count}
        active={active}
        onMove={setActive}
        renderRow={(at) => {
          const row = hexRow(bytes, at, from, total);
          return (
            <div className={`${classes['hexRow']} la-mono`}>
              <span className={classes['hexOffset']}>{row.offset}</span>
              <span className={classes['hexBytes']}>{`${row.hex.slice(0, 8).join(' ')}  ${row.hex.slice(8).join(' ')}`}</span>
              <span>{row.ascii}</span>
            </div>
          );
        }}
      />
    </div>
  );
}
