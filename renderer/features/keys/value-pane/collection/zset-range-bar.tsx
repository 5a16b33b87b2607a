import { Button, Select, TextInput } from '@mantine/core';
import { useState } from 'react';
import type { WireBytes } from '../../../../../shared/bytes.ts';
import type { Problem } from '../../../../../shared/contract/errors.ts';
import { useHost } from '../../../../lib/host.ts';
import { toProblem } from '../../../../lib/to-problem.ts';
import { useKeysPlace } from '../../keys-context.ts';
import classes from '../value.module.css';

/** Ranks from the lowest that are shown. */
export interface RankRange {
  readonly from: number;
  readonly count: number;
}

type By = 'score' | 'lex' | 'member';

interface ZsetRangeBarProps {
  name: WireBytes;
  range: RankRange | null;
  onRange: (range: RankRange | null) => void;
  /** Brings a member into view by its rank. */
  onRank: (rank: number) => void;
  onProblem: (problem: Problem) => void;
}

const hints: Record<By, readonly [string, string]> = {
  score: ['from (10', 'to +inf'],
  lex: ['from [a', 'to (b'],
  member: ['exact member', ''],
};
const titles: Record<By, string> = {
  score: 'A score; ( before it leaves it out; -inf and +inf have no bound',
  lex: '[ or ( and then a name; ( leaves it out; - and + have no bound',
  member: 'The whole member',
};
const defaults: Record<By, readonly [string, string]> = { score: ['-inf', '+inf'], lex: ['-', '+'], member: ['', ''] };

/** Shows a range of scores or names of a sorted set, or goes to one member. */
export function ZsetRangeBar({ name, range, onRange, onRank, onProblem }: ZsetRangeBarProps) {
  const { client } = useHost();
  const { workspaceId, db } = useKeysPlace();
  const [by, setBy] = useState<By>('score');
  const [min, setMin] = useState('');
  const [max, setMax] = useState('');
  const [words, setWords] = useState('');
  const [busy, setBusy] = useState(false);
  const clear = () => {
    setMin('');
    setMax('');
    setWords('');
    onRange(null);
  };
  const show = async () => {
    if (by === 'member' && min === '') return;
    setBusy(true);
    try {
      const [lowest, highest] = defaults[by];
      const found = await client.values.zsetRange({ workspaceId, db, name, by, min: min === '' ? lowest : min, max: max === '' ? highest : max });
      if (by === 'member') {
        if (found.count > 0) onRank(found.from);
        setWords(found.count > 0 ? '' : 'No such member');
      } else {
        onRange({ from: found.from, count: found.count });
        setWords(by === 'lex' ? 'Meaningful where all scores are equal' : '');
      }
    } catch (error) {
      onProblem(toProblem(error));
    } finally {
      setBusy(false);
    }
  };
  const field = (at: 0 | 1, value: string, set: (value: string) => void) => (
    <TextInput
      w={by === 'member' ? 240 : 130}
      aria-label={by === 'member' ? 'Member to go to' : at === 0 ? 'Range from' : 'Range to'}
      placeholder={hints[by][at]}
      title={titles[by]}
      classNames={{ input: 'la-mono' }}
      spellCheck={false}
      value={value}
      onChange={(event) => set(event.currentTarget.value)}
      onKeyDown={(event) => {
        if (event.key === 'Enter') void show();
      }}
    />
  );
  return (
    <div className={classes['bytesBar']} role="group" aria-label="Range">
      <Select
        aria-label="Range by"
        w={112}
        value={by}
        allowDeselect={false}
        data={[
          { value: 'score', label: 'Score' },
          { value: 'lex', label: 'Name' },
          { value: 'member', label: 'Member' },
        ]}
        onChange={(value) => {
          setBy(value ?? 'score');
          clear();
        }}
      />
      {field(0, min, setMin)}
      {by !== 'member' && field(1, max, setMax)}
      <Button variant="default" loading={busy} onClick={() => void show()}>
        {by === 'member' ? 'Go to member' : 'Show range'}
      </Button>
      {range !== null && (
        <Button variant="subtle" color="gray" onClick={clear}>
          Show all
        </Button>
      )}
      <span className="la-number" role="status">
        {words}
      </span>
    </div>
  );
}
