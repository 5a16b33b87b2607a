import { SegmentedControl, TextInput } from '@mantine/core';
import { useQuery } from '@tanstack/react-query';
import { useState } from 'react';
import type { WireBytes } from '../../../../../shared/bytes.ts';
import type { StreamAction } from '../../../../../shared/contract/value-work.ts';
import { LookasideError } from '../../../../../shared/contract/errors.ts';
import { formatCount, formatExact } from '../../../../lib/format.ts';
import { useHost } from '../../../../lib/host.ts';
import { toProblem } from '../../../../lib/to-problem.ts';
import { wireLabel } from '../../../../lib/wire-text.ts';
import { ConfirmDialog } from '../../../../ui/confirm-dialog.tsx';
import { ProblemView } from '../../../../ui/problem-view.tsx';
import { actionWords, outcomeWords } from './action-words.ts';
import { parseIdle } from './stream-id.ts';
import classes from './stream.module.css';

export interface StreamPlace {
  readonly workspaceId: string;
  readonly db: number;
  readonly name: WireBytes;
}

interface ActionDialogProps {
  where: StreamPlace;
  /** What was asked for, with what is known already filled in. */
  asked: StreamAction;
  onClose: () => void;
  onDone: (words: string) => void;
}

interface Fields {
  group: string;
  consumer: string;
  idle: string;
  id: string;
  by: 'length' | 'id';
  keep: string;
  from: string;
}

function fieldsOf(asked: StreamAction): Fields {
  return {
    group: 'group' in asked && typeof asked.group === 'string' ? asked.group : '',
    consumer: 'consumer' in asked && typeof asked.consumer === 'string' ? asked.consumer : '',
    idle: 'minIdleMs' in asked ? `${asked.minIdleMs / 1000} s` : '60 s',
    id: 'id' in asked ? asked.id : '$',
    by: 'length',
    keep: '1000',
    from: '',
  };
}

/** The action with what was typed; `null` while that is not complete. */
function completed(asked: StreamAction, fields: Fields): StreamAction | null {
  const idle = parseIdle(fields.idle);
  const isId = /^(\$|\d{1,20}(-\d{1,20})?)$/.test(fields.id);
  switch (asked.do) {
    case 'ack':
    case 'groupDestroy':
    case 'consumerDelete':
      return asked;
    case 'claim':
    case 'autoclaim': {
      // A name that is no text came from the list and is not typed.
      const consumer = typeof asked.consumer === 'string' ? fields.consumer : asked.consumer;
      return idle === null || consumer === '' ? null : { ...asked, consumer, minIdleMs: idle };
    }
    case 'groupCreate':
      return fields.group === '' || !isId ? null : { ...asked, group: fields.group, id: fields.id };
    case 'groupSetId':
      return isId ? { ...asked, id: fields.id } : null;
    case 'trim': {
      const keep = fields.keep.replaceAll(/[,_\s]/g, '');
      if (fields.by === 'length') return /^\d{1,15}$/.test(keep) ? { do: 'trim', to: { by: 'length', keep: Number(keep) } } : null;
      return /^\d{1,20}(-\d{1,20})?$/.test(fields.from) ? { do: 'trim', to: { by: 'id', from: fields.from } } : null;
    }
  }
}

/** Asks for one change of the stream, with what it will do; tells what came of it. */
export function ActionDialog({ where, asked, onClose, onDone }: ActionDialogProps) {
  const { client } = useHost();
  const [fields, setFields] = useState(() => fieldsOf(asked));
  const [tried, setTried] = useState(false);
  const action = completed(asked, fields);
  const words = actionWords(action ?? asked);
  const set = (change: Partial<Fields>) => {
    setTried(false);
    setFields((before) => ({ ...before, ...change }));
  };
  const claims = asked.do === 'claim' || asked.do === 'autoclaim';
  return (
    <ConfirmDialog
      opened
      onClose={onClose}
      title={words.title}
      confirmLabel={words.confirm}
      danger={words.danger}
      onConfirm={async () => {
        if (action === null) {
          setTried(true);
          throw new LookasideError('INVALID_INPUT', 'Something is missing above', { hint: 'Fill in the fields of the dialog.' });
        }
        const { affected, left } = await client.valueWork.streamAct({ ...where, action });
        onDone(outcomeWords(action, affected, left));
      }}
    >
      <p className={classes['effect']}>{words.effect}</p>
      <div className={classes['fields']}>
        {asked.do === 'groupCreate' && <TextInput label="Name of the group" value={fields.group} error={tried && fields.group === ''} onChange={(event) => set({ group: event.currentTarget.value })} />}
        {(asked.do === 'groupCreate' || asked.do === 'groupSetId') && (
          <TextInput label="Last delivered id" description="0, $ or an id such as 1764000000000-0" value={fields.id} error={tried && action === null} onChange={(event) => set({ id: event.currentTarget.value })} />
        )}
        {claims && (
          <>
            {typeof asked.consumer === 'string' ? (
              <TextInput label="Consumer that gets them" description="Made when it does not exist" value={fields.consumer} error={tried && fields.consumer === ''} onChange={(event) => set({ consumer: event.currentTarget.value })} />
            ) : (
              <p className={classes['effect']}>Consumer that gets them: {wireLabel(asked.consumer, 60)}</p>
            )}
            <TextInput label="Idle at least" description="Such as 60 s, 5 min or 2 h" value={fields.idle} error={parseIdle(fields.idle) === null} onChange={(event) => set({ idle: event.currentTarget.value })} />
          </>
        )}
        {asked.do === 'trim' && (
          <>
            <SegmentedControl
              aria-label="Trim by"
              value={fields.by}
              onChange={(value) => set({ by: value === 'id' ? 'id' : 'length' })}
              data={[
                { value: 'length', label: 'Keep a number' },
                { value: 'id', label: 'Keep from an id on' },
              ]}
            />
            {fields.by === 'length' ? (
              <TextInput label="Newest entries to keep" value={fields.keep} error={action === null} onChange={(event) => set({ keep: event.currentTarget.value })} />
            ) : (
              <TextInput label="First id to keep" placeholder="1764000000000-0" value={fields.from} error={tried && action === null} onChange={(event) => set({ from: event.currentTarget.value })} />
            )}
            {action?.do === 'trim' && <TrimPreview where={where} action={action} />}
          </>
        )}
      </div>
    </ConfirmDialog>
  );
}

/** How many entries would go, before anything goes. */
function TrimPreview({ where, action }: { where: StreamPlace; action: Extract<StreamAction, { do: 'trim' }> }) {
  const { orpc } = useHost();
  const preview = useQuery(orpc.valueWork.trimPreview.queryOptions({ input: { ...where, to: action.to }, staleTime: 0, gcTime: 0 }));
  if (preview.error) return <ProblemView problem={toProblem(preview.error)} onRetry={() => void preview.refetch()} />;
  return (
    <p className={classes['effect']} role="status">
      {preview.data === undefined
        ? 'Counting what would go.'
        : preview.data.removed === 0
          ? `Nothing would go: all ${formatExact(preview.data.total)} entries stay.`
          : `${formatCount(preview.data.removed, preview.data.exactness)} of ${formatExact(preview.data.total)} entries would go.`}
    </p>
  );
}
