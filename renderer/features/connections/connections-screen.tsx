import { Button } from '@mantine/core';
import { IconDownload, IconPlus, IconUpload } from '@tabler/icons-react';
import { useRef, useState } from 'react';
import type { Problem } from '../../../shared/contract/errors.ts';
import type { Workspace } from '../../../shared/contract/workspaces.ts';
import { useCommands } from '../../lib/commands.ts';
import { downloadText } from '../../lib/copy.ts';
import { useHost } from '../../lib/host.ts';
import { toProblem } from '../../lib/to-problem.ts';
import { useWorkspaces } from '../../lib/workspaces.ts';
import { FilterInput } from '../../ui/filter-input.tsx';
import { LoadingRows } from '../../ui/loading-rows.tsx';
import { ProblemView } from '../../ui/problem-view.tsx';
import { Spring, Toolbar } from '../../ui/toolbar.tsx';
import { ConnectionEditor } from './connection-editor.tsx';
import { ConnectionList, type ConnectionListHandle } from './connection-list.tsx';
import { copyOfWorkspace, formOfDraft, newForm, type DraftForm } from './draft-form.ts';
import { EmptyConnections } from './empty-connections.tsx';
import { ImportDialog } from './import-dialog.tsx';
import { filterWorkspaces } from './target-words.ts';
import { useRemoval } from './use-removal.ts';
import classes from './connections-screen.module.css';

/** What is edited: a saved workspace, or a new one. `key` begins a new editor. */
interface Editing {
  key: string;
  workspace: Workspace | null;
  form: DraftForm;
}

/** The saved connections: find one, open it, change it; and the way in for new ones. */
export function ConnectionsScreen() {
  const { client } = useHost();
  const { data: workspaces, error, refetch } = useWorkspaces();
  const [query, setQuery] = useState('');
  const [editing, setEditing] = useState<Editing | null>(null);
  const [importing, setImporting] = useState(false);
  const [problem, setProblem] = useState<Problem | null>(null);
  const list = useRef<ConnectionListHandle>(null);
  const remove = useRemoval(setProblem);

  const create = () => setEditing({ key: crypto.randomUUID(), workspace: null, form: newForm() });
  const edit = (workspace: Workspace) => setEditing({ key: workspace.id, workspace, form: formOfDraft(workspace) });
  const duplicate = (workspace: Workspace) => setEditing({ key: crypto.randomUUID(), workspace: null, form: copyOfWorkspace(workspace) });
  const exportAll = async () => {
    setProblem(null);
    try {
      const { fileName, text } = await client.workspaces.export();
      downloadText(fileName, text);
    } catch (failure) {
      setProblem(toProblem(failure));
    }
  };
  const saved = workspaces?.filter((workspace) => !workspace.demo) ?? [];
  const shown = filterWorkspaces(workspaces ?? [], query);
  useCommands([
    { id: 'connections.new', title: 'New connection', group: 'Connections', shortcut: 'mod+shift+n', menu: 'new-connection', enabled: editing === null, run: create },
    { id: 'connections.import', title: 'Import connections', group: 'Connections', enabled: editing === null, keywords: 'redisinsight ardm tinyrdm', run: () => setImporting(true) },
    { id: 'connections.export', title: 'Export connections', group: 'Connections', enabled: editing === null && saved.length > 0, run: () => void exportAll() },
  ]);

  if (editing !== null) {
    return <ConnectionEditor key={editing.key} workspace={editing.workspace} initial={editing.form} onClose={() => setEditing(null)} />;
  }
  return (
    <div className={classes['screen']}>
      <Toolbar label="Connections" title="Connections">
        <FilterInput
          label="Filter connections"
          value={query}
          onChange={setQuery}
          width={260}
          onKeyDown={(event) => {
            if (event.key !== 'ArrowDown' && event.key !== 'Enter') return;
            event.preventDefault();
            list.current?.focus();
          }}
        />
        <Spring />
        <Button variant="default" leftSection={<IconUpload size={14} />} onClick={() => setImporting(true)}>
          Import
        </Button>
        <Button variant="default" leftSection={<IconDownload size={14} />} disabled={saved.length === 0} onClick={() => void exportAll()}>
          Export
        </Button>
        <Button leftSection={<IconPlus size={14} />} onClick={create}>
          New connection
        </Button>
      </Toolbar>
      <div className={classes['body']}>
        {problem !== null && <ProblemView problem={problem} />}
        {error !== null && workspaces === undefined && <ProblemView problem={toProblem(error)} fills onRetry={() => void refetch()} />}
        {workspaces === undefined && error === null && <LoadingRows label="Loading the connections" />}
        {workspaces !== undefined && workspaces.length > 0 && (
          <ConnectionList ref={list} workspaces={shown} query={query} onEdit={edit} onDuplicate={duplicate} onRemove={remove} />
        )}
        {workspaces !== undefined && saved.length === 0 && <EmptyConnections hasDemo={workspaces.length > 0} onCreate={create} onImport={() => setImporting(true)} />}
      </div>
      <ImportDialog opened={importing} onClose={() => setImporting(false)} />
    </div>
  );
}
