import { Button, Group, TextInput } from '@mantine/core';
import { useState } from 'react';
import type { WireBytes } from '../../../../../shared/bytes.ts';
import type { KeyFacts } from '../../../../../shared/contract/values.ts';
import { parseExpiry } from '../../../../../shared/edit/expiry-input.ts';
import { formatDateTime, formatDuration } from '../../../../lib/format.ts';
import { useHost } from '../../../../lib/host.ts';
import { useNow } from '../../../../lib/now.ts';
import { wireLabel } from '../../../../lib/wire-text.ts';
import { LoadingRows } from '../../../../ui/loading-rows.tsx';
import { useKeysPlace } from '../../keys-context.ts';
import { AboutKey } from './about-key.tsx';
import { EditProblem } from './edit-problem.tsx';
import { useFacts } from './use-facts.ts';
import { useSubmit } from './use-submit.ts';
import classes from './edit.module.css';

const choices = ['1m', '5m', '1h', '1d', '7d', 'none'];

/** What an expiry as typed means, in words; the problem when it means nothing. */
export function expiryWords(text: string, now: number): { words: string; wrong: boolean } {
  const { choice, problem } = parseExpiry(text, now);
  if (choice === null) return { words: problem, wrong: problem !== '' };
  if (choice.kind === 'none') return { words: 'Never expires', wrong: false };
  const at = choice.kind === 'at' ? choice.at : now + choice.ms;
  return { words: `Expires ${formatDateTime(at)}, in ${formatDuration(at - now)}`, wrong: false };
}

/** Sets or removes the expiry of a key, from what a person types. */
export function ExpiryForm({ name, known, onClose }: { name: WireBytes; known: KeyFacts | null; onClose: () => void }) {
  const { client } = useHost();
  const { workspaceId, db } = useKeysPlace();
  const { facts, problem: unread, again } = useFacts(name, known);
  const [text, setText] = useState('');
  const now = useNow(1000);
  const { busy, problem, conflict, submit, clear } = useSubmit(onClose);
  const { choice } = parseExpiry(text, now);
  const { words, wrong } = expiryWords(text, now);
  if (facts === null) return unread === null ? <LoadingRows rows={3} label="Reading the key" /> : <EditProblem problem={unread} />;
  const left = facts.ttlMs === null ? null : facts.readAt + facts.ttlMs - now;
  const label = choice === null ? 'Set expiry' : choice.kind === 'none' ? 'Remove the expiry' : 'Set expiry';
  return (
    <form
      className={classes['form']}
      onSubmit={(event) => {
        event.preventDefault();
        if (choice === null) return;
        void submit({
          done: choice.kind === 'none' ? `${wireLabel(name, 60)} does not expire any more` : `Set the expiry of ${wireLabel(name, 60)}`,
          call: () => client.edit.expiry({ workspaceId, db, name, expect: { ttlMs: facts.ttlMs, readAt: facts.readAt }, to: choice }),
          names: [name],
        });
      }}
    >
      <AboutKey name={name} />
      <p className={classes['note']}>{left === null ? 'No expiry now.' : `Expires ${formatDateTime(now + left)} now, in ${formatDuration(Math.max(0, left))}.`}</p>
      <TextInput
        data-autofocus
        label="New expiry"
        description="5m, 2h 30m, 90 (seconds), 2026-12-24 18:00, or none"
        value={text}
        spellCheck={false}
        autoComplete="off"
        onChange={(event) => {
          setText(event.currentTarget.value);
          clear();
        }}
      />
      <div className={classes['choices']}>
        {choices.map((each) => (
          <Button key={each} variant="default" onClick={() => setText(each)}>
            {each}
          </Button>
        ))}
      </div>
      <p className={classes['note']} data-wrong={wrong || undefined} role="status">
        {words}
      </p>
      {conflict !== null && (
        <div className={classes['conflict']} role="alert">
          <h3>{conflict.reason}</h3>
          <p>{conflict.present.ttlMs === null ? 'It has no expiry now.' : `It expires in ${formatDuration(conflict.present.ttlMs)} now.`} Nothing was written.</p>
          <Button
            variant="default"
            onClick={() => {
              clear();
              again();
            }}
          >
            Read again
          </Button>
        </div>
      )}
      <EditProblem problem={problem} />
      <Group justify="flex-end" gap={8}>
        <Button variant="default" onClick={onClose}>
          Cancel
        </Button>
        <Button type="submit" loading={busy} disabled={choice === null}>
          {label}
        </Button>
      </Group>
    </form>
  );
}
