import { IconChevronRight } from '@tabler/icons-react';
import { Fragment } from 'react';
import type { DecodedValue } from '../../../../../shared/contract/decode.ts';
import { codecWords } from '../../../../../shared/decode/codecs.ts';
import { formatBytes, formatBytesExact, formatExact } from '../../../../lib/format.ts';
import classes from './decoded.module.css';

interface LayerStripProps {
  value: DecodedValue;
  /** Bytes before layer `stage`, behind the last one, or the tree as the one after all bytes. */
  stage: number;
  onStage: (stage: number) => void;
}

/** How many stages hold bytes; a tree is one more. */
export function byteStages({ layers }: Pick<DecodedValue, 'layers'>): number {
  return 1 + layers.filter(({ bytesOut }) => bytesOut !== null).length;
}

export function lastStage(value: Pick<DecodedValue, 'layers' | 'view'>): number {
  return value.view.kind === 'tree' ? byteStages(value) : byteStages(value) - 1;
}

/** The layers from what is stored to what it means; each can be looked at. */
export function LayerStrip({ value, stage, onStage }: LayerStripProps) {
  const { layers, totalBytes, view } = value;
  const crumbs = [
    { label: 'Stored', size: formatBytes(totalBytes), title: `${formatBytesExact(totalBytes)} as they are stored` },
    ...layers.flatMap(({ codec, bytesOut }) => (bytesOut === null ? [] : [{ label: codecWords[codec].label, size: formatBytes(bytesOut), title: `${formatBytesExact(bytesOut)} behind ${codecWords[codec].label}` }])),
    ...(view.kind === 'tree' ? [{ label: layers.at(-1) ? codecWords[(layers.at(-1) as DecodedValue['layers'][number]).codec].label : 'Tree', size: 'tree', title: `${formatExact(view.nodes)} values` }] : []),
  ];
  return (
    <nav className={classes['strip']} aria-label="Layers of the value">
      {crumbs.map(({ label, size, title }, at) => (
        <Fragment key={at}>
          {at > 0 && <IconChevronRight size={12} className={classes['stripArrow'] ?? ''} aria-hidden />}
          <button type="button" className={classes['crumb']} aria-current={at === stage ? 'step' : undefined} title={title} onClick={() => onStage(at)}>
            {label} <span className={`${classes['crumbSize']} la-number`}>{size}</span>
          </button>
        </Fragment>
      ))}
    </nav>
  );
}
