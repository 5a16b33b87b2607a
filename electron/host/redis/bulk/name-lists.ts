import { randomUUID } from 'node:crypto';
import { LookasideError } from '../../../../shared/contract/errors.ts';

const lifeMs = 10 * 60_000;
const maxNames = 5_000_000;
const maxBytes = 512 * 1024 * 1024;

interface NameList {
  names: Buffer[];
  bytes: number;
  timer: NodeJS.Timeout;
}

/** Lists of names that the page hands over in pieces. */
export class NameLists {
  readonly #lists = new Map<string, NameList>();

  /** Throws NOT_FOUND for a list that is not there any more, LIMIT_EXCEEDED. */
  add(listId: string | null, names: readonly Buffer[]): { listId: string; names: number } {
    const id = listId ?? randomUUID();
    const list: NameList = listId === null ? { names: [], bytes: 0, timer: setTimeout(() => this.#lists.delete(id), lifeMs).unref() } : this.#get(id);
    const bytes = names.reduce((sum, name) => sum + name.length, 0);
    const all = [...this.#lists.values()].reduce((sum, each) => sum + each.bytes, bytes);
    if (list.names.length + names.length > maxNames || all > maxBytes) {
      throw new LookasideError('LIMIT_EXCEEDED', `A list holds at most ${maxNames.toLocaleString('en')} names and 512 MiB`, { hint: 'Split it into several.' });
    }
    this.#lists.set(id, list);
    for (const name of names) list.names.push(name);
    list.bytes += bytes;
    list.timer.refresh();
    return { listId: id, names: list.names.length };
  }

  names(listId: string): readonly Buffer[] {
    const list = this.#get(listId);
    list.timer.refresh();
    return list.names;
  }

  clear(): void {
    for (const { timer } of this.#lists.values()) clearTimeout(timer);
    this.#lists.clear();
  }

  #get(listId: string): NameList {
    const list = this.#lists.get(listId);
    if (list === undefined) throw new LookasideError('NOT_FOUND', 'This list of names is gone', { hint: 'Give the names again; a list is kept for 10 minutes.' });
    return list;
  }
}
