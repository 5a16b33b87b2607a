import * as v from 'valibot';
import { LookasideError } from '../../../../shared/contract/errors.ts';
import { workspaceDraft, type SecretChanges, type WorkspaceDraft } from '../../../../shared/contract/workspaces.ts';
import { readArdm } from './ardm.ts';
import { readRedisInsight } from './redis-insight.ts';
import { readTinyRdm } from './tiny-rdm.ts';

export interface ImportedWorkspace {
  draft: WorkspaceDraft;
  secrets: SecretChanges;
  /** What could not be carried over, in words. */
  notes: string[];
}

export interface ImportResult {
  source: 'redisinsight' | 'ardm' | 'tinyrdm' | 'lookaside';
  found: ImportedWorkspace[];
  skipped: { name: string; reason: string }[];
}

const ownExport = v.object({ lookaside: v.literal(1), workspaces: v.array(v.unknown()) });

function readOwn(json: v.InferOutput<typeof ownExport>): ImportResult {
  const result: ImportResult = { source: 'lookaside', found: [], skipped: [] };
  json.workspaces.forEach((entry, at) => {
    const parsed = v.safeParse(workspaceDraft, entry);
    if (parsed.success) result.found.push({ draft: parsed.output, secrets: {}, notes: ['Secrets are not part of an export'] });
    else result.skipped.push({ name: `Entry ${at + 1}`, reason: parsed.issues[0].message });
  });
  return result;
}

function jsonOrNull(text: string): unknown {
  try {
    return JSON.parse(text);
  } catch (error) {
    if (error instanceof SyntaxError) return null;
    throw error;
  }
}

/**
 * Reads an export of another console, or this one's own, by its content; the file's name is only a last hint.
 * Entries that cannot be used are skipped with a reason. Throws IMPORT_UNREADABLE when nothing is recognised.
 */
export function readImport(text: string, fileName: string): ImportResult {
  const json = jsonOrNull(text);
  const own = v.safeParse(ownExport, json);
  if (own.success) return readOwn(own.output);
  const result = (json === null ? (readArdm(text) ?? readTinyRdm(text)) : readRedisInsight(json)) ?? null;
  if (result !== null) return result;
  throw new LookasideError('IMPORT_UNREADABLE', 'The file is not an export that is known here', {
    hint: 'Exports of RedisInsight (JSON), Another Redis Desktop Manager (.ano), Tiny RDM (connections.yaml or its zip in base64) and Lookaside are read.',
    details: { fileName },
  });
}
