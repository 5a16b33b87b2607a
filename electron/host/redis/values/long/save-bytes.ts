import { LookasideError } from '../../../../../shared/contract/errors.ts';
import type { JobControl } from '../../../services.ts';
import type { KeyAt } from '../key-read.ts';
import { bytesOf, replyOf } from '../replies.ts';
import { valueFileName, writeValueFile } from './value-file.ts';
import { walkWindows } from './window-walk.ts';

/**
 * The body of a job that writes a range of a string to a file. A value whose length changes meanwhile fails with
 * CONFLICT: half of one and half of another would be a file of neither.
 */
export async function saveBytes(key: KeyAt, range: { from: number; to: number | null }, folder: string, control: JobControl): Promise<void> {
  let done = 0;
  const file = await writeValueFile(folder, valueFileName(key.name, 'bin', new Date()), async (write) => {
    const read = (from: number, last: number) => ['GETRANGE', key.name, from, last] as const;
    let length: number | null = null;
    for await (const { total, outcome } of walkWindows(key, { ...range, signal: control.signal, read })) {
      if (length !== null && total !== length) {
        throw new LookasideError('CONFLICT', 'The value changed while it was written to the file', { hint: 'Save it again when it rests.', details: { before: length, now: total } });
      }
      length = total;
      const bytes = bytesOf(replyOf(outcome));
      await write(bytes);
      done += bytes.length;
      control.report({ done, total: Math.max(0, Math.min(range.to ?? total, total) - range.from) });
      await control.checkpoint();
    }
  });
  control.report({ done, total: done, file });
}
