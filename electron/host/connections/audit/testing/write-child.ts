// Writes entries to the journal of a folder, for tests of several processes at once.
import { createAuditJournal } from '../../audit-journal.ts';

const [folder = '', name = '', count = '0'] = process.argv.slice(2);
const journal = createAuditJournal(folder, { fullBytes: 4096 });
for (let at = 0; at < Number(count); at += 1) {
  await journal.write({ event: 'unlock', workspaceId: name, workspaceName: name, reason: `${at}`, until: 1 });
}
