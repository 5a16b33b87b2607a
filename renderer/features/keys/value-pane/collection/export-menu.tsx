import { Menu } from '@mantine/core';
import { IconDownload } from '@tabler/icons-react';
import type { WireBytes } from '../../../../../shared/bytes.ts';
import type { Problem } from '../../../../../shared/contract/errors.ts';
import { useHost } from '../../../../lib/host.ts';
import { toProblem } from '../../../../lib/to-problem.ts';
import { IconButton } from '../../../../ui/icon-button.tsx';
import { useKeysPlace } from '../../keys-context.ts';

interface ExportMenuProps {
  name: WireBytes;
  type: 'hash' | 'list' | 'set' | 'zset' | 'stream';
  onProblem: (problem: Problem) => void;
  onNotice: (notice: string) => void;
}

/** Writes the whole collection to a file, as a job. */
export function ExportMenu({ name, type, onProblem, onNotice }: ExportMenuProps) {
  const { client } = useHost();
  const { workspaceId, db } = useKeysPlace();
  const start = (format: 'csv' | 'jsonl') => {
    client.valueWork.exportElements({ workspaceId, db, name, type, format }).then(
      () => onNotice('The elements are being written to a file. The jobs in the status bar show where.'),
      (error: unknown) => onProblem(toProblem(error)),
    );
  };
  return (
    <Menu position="bottom-end">
      <Menu.Target>
        <IconButton label="Export all elements" icon={<IconDownload size={14} />} />
      </Menu.Target>
      <Menu.Dropdown>
        <Menu.Item onClick={() => start('csv')}>Export all as CSV</Menu.Item>
        <Menu.Item onClick={() => start('jsonl')}>Export all as JSON Lines</Menu.Item>
      </Menu.Dropdown>
    </Menu>
  );
}
