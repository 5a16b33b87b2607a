import { Button } from '@mantine/core';
import { useState } from 'react';
import type { Problem } from '../../../../shared/contract/errors.ts';
import { formatBytes, formatBytesExact } from '../../../lib/format.ts';
import { useHost } from '../../../lib/host.ts';
import { toProblem } from '../../../lib/to-problem.ts';
import { EmptyState } from '../../../ui/empty-state.tsx';
import { ProblemView } from '../../../ui/problem-view.tsx';
import { useKeysPlace } from '../keys-context.ts';
import type { ValueProps } from './value-body.tsx';

/** DUMP writes the whole value: it is only offered where that is little. */
const maxDumpMemory = 8 * 1024 * 1024;

const modules: ReadonlyMap<string, string> = new Map([
  ['TSDB-TYPE', 'a time series of RedisTimeSeries'],
  ['MBbloom--', 'a Bloom filter'],
  ['MBbloomCF', 'a cuckoo filter'],
  ['CMSk-TYPE', 'a count-min sketch'],
  ['TopK-TYPE', 'a top-k sketch'],
  ['TDIS-TYPE', 'a t-digest'],
]);

/** A type of a module that is not opened here: what it is, and how large. */
export function OtherValue({ facts }: ValueProps) {
  const { client } = useHost();
  const { workspaceId, db } = useKeysPlace();
  const [bytes, setBytes] = useState<number | null>(null);
  const [problem, setProblem] = useState<Problem | null>(null);
  const [busy, setBusy] = useState(false);
  const memory = facts.memoryBytes;
  const measure = async () => {
    setBusy(true);
    setProblem(null);
    try {
      setBytes((await client.values.dumpSize({ workspaceId, db, name: facts.name })).bytes);
    } catch (error) {
      setProblem(toProblem(error));
    } finally {
      setBusy(false);
    }
  };
  const known = modules.get(facts.type);
  return (
    <EmptyState
      title={`Values of type ${facts.type} are not opened here`}
      actions={
        memory !== null && memory < maxDumpMemory && bytes === null ? (
          <Button variant="default" loading={busy} onClick={() => void measure()}>
            Measure its DUMP
          </Button>
        ) : undefined
      }
    >
      {known === undefined ? 'The type belongs to a module of the server.' : `It is ${known}.`} Its name, expiry and memory are known and shown above; the value stays untouched, and the commands of the module read it.
      {bytes !== null && (
        <p role="status" title={formatBytesExact(bytes)}>
          DUMP writes it in {formatBytes(bytes)}.
        </p>
      )}
      {problem && <ProblemView problem={problem} />}
    </EmptyState>
  );
}
