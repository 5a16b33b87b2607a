import { LookasideError, type ErrorCode } from '../../../shared/contract/errors.ts';

const codes = new Map<string, ErrorCode>([
  ['ENOSPC', 'STORE_DISK_FULL'],
  ['EDQUOT', 'STORE_DISK_FULL'],
  ['EACCES', 'STORE_DENIED'],
  ['EPERM', 'STORE_DENIED'],
  ['EROFS', 'STORE_DENIED'],
]);

/** Why an exported file could not be written; `what` begins the sentence. An error of ours stays as it is. */
export function exportError(error: unknown, what: string, file: string): LookasideError {
  if (error instanceof LookasideError) return error;
  const system = error instanceof Error && 'code' in error ? String(error.code) : '';
  return new LookasideError(codes.get(system) ?? 'STORE_FAILED', `${what} cannot be written to ${file}`, { details: { file, systemCode: system }, cause: error });
}
