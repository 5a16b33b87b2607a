import * as v from 'valibot';
import { workspaceDraft, type SecretChanges, type SecretSlot } from '../../../../shared/contract/workspaces.ts';
import type { ImportedWorkspace, ImportResult } from './read-import.ts';

export type Fields = ReadonlyMap<string, unknown>;

/** Fields of a foreign object; empty when it is none. Names such as `__proto__` are ordinary here. */
export function fieldsOf(value: unknown): Fields {
  return new Map(typeof value === 'object' && value !== null ? Object.entries(value) : []);
}

export function textOf(fields: Fields, name: string): string {
  const value = fields.get(name);
  if (typeof value === 'number') return String(value);
  return typeof value === 'string' ? value : '';
}

/** A whole number; `NaN` where the field holds something else, so that the draft's own check refuses it. */
export function numberOf(fields: Fields, name: string, otherwise: number): number {
  const text = textOf(fields, name).trim();
  if (text === '') return otherwise;
  return /^\d+$/u.test(text) ? Number(text) : Number.NaN;
}

export interface Foreign {
  name: string;
  delimiters: string[];
  readOnly: boolean;
  redis: Record<string, unknown>;
  secrets: Partial<Record<SecretSlot, string>>;
  notes: string[];
}

/** Adds one foreign connection to the result: found when it makes a valid draft, else skipped with the reason. */
export function addForeign(result: ImportResult, foreign: Foreign): void {
  const parsed = v.safeParse(workspaceDraft, {
    name: foreign.name.slice(0, 120),
    environment: 'local',
    colour: 'gray',
    readOnly: foreign.readOnly,
    delimiters: foreign.delimiters,
    redis: foreign.redis,
    postgres: null,
  });
  if (!parsed.success) {
    const issue = parsed.issues[0];
    result.skipped.push({ name: foreign.name === '' ? 'Unnamed' : foreign.name, reason: `${v.getDotPath(issue) ?? 'entry'}: ${issue.message}` });
    return;
  }
  const secrets = Object.fromEntries(Object.entries(foreign.secrets).filter(([, value]) => value !== '')) as SecretChanges;
  const imported: ImportedWorkspace = { draft: parsed.output, secrets, notes: foreign.notes };
  result.found.push(imported);
}
