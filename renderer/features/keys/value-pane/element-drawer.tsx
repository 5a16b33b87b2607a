import { useQuery } from '@tanstack/react-query';
import { IconX } from '@tabler/icons-react';
import { useMemo } from 'react';
import { fromWire, type WireBytes } from '../../../../shared/bytes.ts';
import type { Cut } from '../../../../shared/contract/values.ts';
import { useHost } from '../../../lib/host.ts';
import { toProblem } from '../../../lib/to-problem.ts';
import { Bytes } from '../../../ui/bytes.tsx';
import { IconButton } from '../../../ui/icon-button.tsx';
import { LoadingRows } from '../../../ui/loading-rows.tsx';
import { ProblemView } from '../../../ui/problem-view.tsx';
import { useKeysPlace } from '../keys-context.ts';
import { BytesView } from './bytes-view.tsx';
import { EditDecoded } from './edit/edit-decoded.tsx';
import { elementDraft, whyFixed } from './edit/element-edits.ts';
import { ElementActions } from './edit/element-actions.tsx';
import { ElementSession } from './edit/element-session.tsx';
import { useElementEditing } from './edit/use-element.ts';
import { DecodedValue } from './decoded/decoded-value.tsx';
import classes from './value.module.css';

export interface OpenElement {
  readonly name: WireBytes;
  readonly type: string;
  readonly id: WireBytes;
  /** Whole length of an id that is cut itself. */
  readonly idBytes: number | null;
  readonly title: string;
  readonly value: Cut;
  /** Of a sorted set's member. */
  readonly score?: string | null;
  /** The field has a TTL of its own. */
  readonly hasTtl?: boolean;
}

/** One element, whole: as text, JSON or bytes. What a page has cut is read by itself. */
export function ElementDrawer({ element, onClose }: { element: OpenElement; onClose: () => void }) {
  const { orpc } = useHost();
  const { workspaceId, db } = useKeysPlace();
  const { name, type, id, idBytes, title, value } = element;
  const row = { name, type, id, idBytes, score: element.score ?? null };
  const editing = useElementEditing(row);
  const whole = useQuery(
    orpc.values.element.queryOptions({
      input: { workspaceId, db, name, type, id, ...(idBytes === null ? {} : { bytes: idBytes }) },
      enabled: value.truncated,
      staleTime: 0,
      gcTime: 0,
    }),
  );
  const shown = value.truncated ? whole.data : value;
  const bytes = useMemo(() => (shown ? fromWire(shown.data) : new Uint8Array()), [shown]);
  return (
    <section className={classes['drawer']} aria-label={title}>
      <div className={classes['drawerHead']}>
        <h3 className={`${classes['drawerTitle']} la-cut`}>{title}</h3>
        <Bytes value={value.bytes} />
        {type !== 'stream' && !editing && <ElementActions row={row} value={shown ?? null} onGone={onClose} />}
        <IconButton label="Close" shortcut="escape" icon={<IconX size={14} />} onClick={onClose} />
      </div>
      {whole.error && <ProblemView problem={toProblem(whole.error)} onRetry={() => void whole.refetch()} />}
      {editing ? (
        <ElementSession row={row} hasTtl={element.hasTtl ?? false} onSaved={onClose} />
      ) : shown ? (
        <DecodedValue name={name} type={type} element={idBytes === null ? { id } : { id, bytes: idBytes }} round={0}
          actions={(read) => read !== null && !shown.truncated && whyFixed(row) === '' && <EditDecoded id={elementDraft(row)} value={read} read={async () => fromWire(shown.data)} />}
        >
          <BytesView bytes={bytes} from={0} total={shown.bytes} whole={!shown.truncated} name="element" />
        </DecodedValue>
      ) : (
        !whole.error && <LoadingRows rows={4} label="Reading the element" />
      )}
    </section>
  );
}
