import { Button, SegmentedControl } from '@mantine/core';
import { keepPreviousData, useQuery } from '@tanstack/react-query';
import { IconAlertTriangle } from '@tabler/icons-react';
import { useCallback, useEffect, useState, type ReactNode } from 'react';
import type { WireBytes } from '../../../../../shared/bytes.ts';
import { largestDecodeBytes, ordinaryDecodeBytes, type DecodedValue as Decoded } from '../../../../../shared/contract/decode.ts';
import { codecWords } from '../../../../../shared/decode/codecs.ts';
import { formatBytes, formatExact, plural } from '../../../../lib/format.ts';
import { useCommands } from '../../../../lib/commands.ts';
import { useHost } from '../../../../lib/host.ts';
import { toProblem } from '../../../../lib/to-problem.ts';
import { ProblemView } from '../../../../ui/problem-view.tsx';
import { useKeysPlace } from '../../keys-context.ts';
import { DecodeMenu } from './decode-menu.tsx';
import { DecodedText } from './decoded-text.tsx';
import { DecodedTree } from './decoded-tree.tsx';
import { LayerBytes } from './layer-bytes.tsx';
import { byteStages, lastStage, LayerStrip } from './layer-strip.tsx';
import { ProtoDialog } from './proto-dialog.tsx';
import { useDecodeChoice } from './use-decode-choice.ts';
import valueClasses from '../value.module.css';
import classes from './decoded.module.css';

interface DecodedValueProps {
  name: WireBytes;
  type: string;
  /** As in `decode.value`; `null` for a string. */
  element: { id: WireBytes; bytes?: number } | null;
  /** Grows when the value is to be read again. */
  round: number;
  /** At the end of the strip, whatever is shown below: editing. */
  actions?: (value: Decoded | null) => ReactNode;
  /** The value as it is stored. */
  children: ReactNode;
}

/** A value through its layers, over the bytes as they are stored. What is plain text or JSON stays as it is. */
export function DecodedValue({ name, type, element, round, actions, children }: DecodedValueProps) {
  const { orpc } = useHost();
  const { workspaceId, db } = useKeysPlace();
  const decode = useDecodeChoice(name, type);
  const [bytes, setBytes] = useState(ordinaryDecodeBytes);
  const [stage, setStage] = useState<number | null>(null);
  const [asksProto, setAsksProto] = useState(false);
  const { choice, proto } = decode;
  const query = useQuery(
    orpc.decode.value.queryOptions({
      input: { workspaceId, db, name, type, element, layers: choice.layers === null ? null : [...choice.layers], proto, bytes },
      staleTime: Infinity,
      gcTime: 0,
      placeholderData: keepPreviousData,
    }),
  );
  const { data, error, refetch } = query;
  const again = useCallback(() => void refetch(), [refetch]);
  useEffect(() => {
    if (round > 0) again();
  }, [round, again]);
  const chain = data?.layers.map(({ codec }) => codec).join() ?? '';
  const [shownChain, setShownChain] = useState(chain);
  if (chain !== shownChain) {
    setShownChain(chain);
    setStage(null);
  }

  const stages = data === undefined ? 0 : lastStage(data);
  const shown = Math.min(stage ?? stages, stages);
  const group = 'Value';
  useCommands([
    { id: 'decode.auto', title: 'Read the value automatically', group, keywords: 'decode detect layers', enabled: choice.layers !== null, run: () => decode.choose({ layers: null, proto: null }) },
    { id: 'decode.stored', title: 'Read the value as stored bytes', group, keywords: 'decode raw', enabled: choice.layers?.length !== 0, run: () => decode.choose({ layers: [], proto: null }) },
    { id: 'decode.proto', title: 'Read the value with a .proto', group, keywords: 'decode protobuf protocol buffers', run: () => setAsksProto(true) },
    { id: 'decode.outer', title: 'Show the layer before', group, shortcut: '[', enabled: shown > 0, run: () => setStage(shown - 1) },
    { id: 'decode.inner', title: 'Show the layer behind', group, shortcut: ']', enabled: shown < stages, run: () => setStage(shown + 1) },
  ]);

  if (data === undefined) {
    const code = error ? toProblem(error).code : null;
    // the value itself says what has become of the key
    const said = code === null || code === 'KEY_GONE' || code === 'REDIS_WRONG_TYPE' || code === 'NOT_FOUND';
    return (
      <>
        <div className={classes['bar']} role="group" aria-label="How the value is read">
          <span className={classes['reading']}>{error ? '' : 'Reading the layers'}</span>
          <span className={valueClasses['spring']} />
          {actions?.(null)}
        </div>
        {error && !said && <ProblemView problem={toProblem(error)} onRetry={again} />}
        {children}
      </>
    );
  }
  // JSON by itself is read by the page, which has its text already, up to what it loads whole
  const plain = data.failed === null && (chain === '' || (chain === 'json' && data.exactness === 'whole' && data.totalBytes <= ordinaryDecodeBytes));
  return (
    <>
      <div className={classes['bar']} role="group" aria-label="How the value is read">
        <DecodeMenu value={data} decode={decode} onProto={() => setAsksProto(true)} />
        <span className={valueClasses['spring']} />
        {!plain && data.layers.length > 0 && <LayerStrip value={data} stage={shown} onStage={setStage} />}
        {actions?.(data)}
      </div>
      {error && <ProblemView problem={toProblem(error)} onRetry={again} />}
      <Notices value={data} limit={bytes} onMore={() => setBytes(largestDecodeBytes)} />
      {plain || shown === 0 ? children : shown < byteStages(data) ? <LayerBytes key={`${data.decodeId} ${shown}`} decodeId={data.decodeId} stage={shown} onStale={again} /> : <Meaning key={data.decodeId} value={data} onStale={again} />}
      <ProtoDialog opened={asksProto} onClose={() => setAsksProto(false)} decode={decode} unwrapped={data.layers.filter(({ bytesOut }) => bytesOut !== null).map(({ codec }) => codec)} />
    </>
  );
}

/** The last layer, as a tree, as text, or as the bytes that it was read from. */
function Meaning({ value, onStale }: { value: Decoded; onStale: () => void }) {
  const [form, setForm] = useState<'tree' | 'text' | 'hex'>('tree');
  const { view, decodeId, layers } = value;
  if (view.kind !== 'tree') return null;
  const last = layers.at(-1);
  const label = last === undefined ? 'Decoded value' : codecWords[last.codec].label;
  const forms = (
    <SegmentedControl
      size="xs"
      aria-label="Show the decoded value as"
      value={form}
      onChange={(next) => setForm(next)}
      data={[
        { value: 'tree', label: 'Tree' },
        { value: 'text', label: 'Text' },
        { value: 'hex', label: 'Bytes' },
      ]}
    />
  );
  const count = (
    <>
      <span className={valueClasses['spring']} />
      <span className={`${classes['count']} la-number`}>
        {view.kept < view.nodes ? `${formatExact(view.kept)} of ${formatExact(view.nodes)} values are shown` : plural(view.nodes, 'value')}
      </span>
    </>
  );
  if (form === 'tree') return <DecodedTree decodeId={decodeId} label={label} view={view} onStale={onStale} before={forms} after={count} />;
  if (form === 'text') return <DecodedText decodeId={decodeId} root={view.root.id} onStale={onStale} before={forms} />;
  return (
    <>
      <div className={valueClasses['treeSearch']}>
        {forms}
        {count}
      </div>
      <LayerBytes decodeId={decodeId} stage={byteStages(value) - 1} onStale={onStale} />
    </>
  );
}

/** What is missing or went wrong, each in one line. */
function Notices({ value, limit, onMore }: { value: Decoded; limit: number; onMore: () => void }) {
  const { failed, exactness, readBytes, totalBytes, layers } = value;
  return (
    <>
      {failed && (
        <div className={classes['notice']} role="status" data-tone="amber">
          <IconAlertTriangle size={14} aria-hidden />
          <span>
            {failed.codec === null ? 'The value was not decoded' : `${codecWords[failed.codec].label} cannot be read`}
            {failed.atByte === null ? '' : ` at byte ${formatExact(failed.atByte)}`}: {failed.reason}. The bytes {layers.length > 0 ? 'before it ' : ''}are below.
          </span>
        </div>
      )}
      {exactness === 'window' && (
        <div className={classes['notice']} role="status">
          <span>
            {layers.length > 0 ? 'Only' : 'No layers in'} the first {formatBytes(readBytes)} of {formatBytes(totalBytes)}{layers.length > 0 ? ' are decoded.' : '; JSON and serialized values show only whole.'}
          </span>
          {limit < largestDecodeBytes && (
            <Button variant="default" size="compact-xs" onClick={onMore}>
              Decode up to {formatBytes(largestDecodeBytes)}
            </Button>
          )}
        </div>
      )}
      {exactness === 'cut' && (
        <div className={classes['notice']} role="status">
          A layer gives more than 32 MiB; the rest of it is not decompressed.
        </div>
      )}
    </>
  );
}
