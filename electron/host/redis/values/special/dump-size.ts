import { LookasideError } from '../../../../../shared/contract/errors.ts';
import { gone, type KeyAt } from '../key-read.ts';
import { bytesOf, numberOrNull, replyOf, replyOrNull } from '../replies.ts';

const maxMemory = 8 * 1024 * 1024;

/**
 * Bytes of DUMP. It serializes the whole value, so only what takes little memory is asked for it.
 * @throws KEY_GONE, LIMIT_EXCEEDED when the value takes 8 MiB or more or the server does not tell
 */
export async function dumpSize({ session, db, name }: KeyAt): Promise<{ bytes: number }> {
  const [memory] = await session.batch(db, [['MEMORY', 'USAGE', name]]);
  const reply = replyOf(memory);
  if (reply === null) throw gone();
  const bytes = numberOrNull(replyOrNull(memory));
  if (bytes === null || bytes >= maxMemory) {
    throw new LookasideError('LIMIT_EXCEEDED', 'The value is too large for DUMP, which writes all of it at once', {
      hint: 'Its memory is shown instead.',
      details: { memoryBytes: bytes, limit: maxMemory },
    });
  }
  const [dump] = await session.batch(db, [['DUMP', name]]);
  const dumped = replyOf(dump);
  if (dumped === null) throw gone();
  return { bytes: bytesOf(dumped).length };
}
