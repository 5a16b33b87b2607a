import writeFileAtomic from 'write-file-atomic';
import { LookasideError } from '../../shared/contract/errors.ts';

/**
 * Writes a one-time token for its owner's eyes only: a new file with mode 0600 takes the place of whatever was there.
 * @throws STORE_FAILED when the file cannot be written
 */
export async function writeTokenFile(file: string, token: string): Promise<void> {
  try {
    await writeFileAtomic(file, `${token}\n`, { mode: 0o600 });
  } catch (error) {
    throw new LookasideError('STORE_FAILED', `The token file cannot be written: ${error instanceof Error ? error.message : String(error)}`, { cause: error });
  }
}
