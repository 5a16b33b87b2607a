import { Button } from '@mantine/core';
import { IconCopy, IconFilter, IconTerminal2 } from '@tabler/icons-react';
import { fromWire, type WireBytes } from '../../../../shared/bytes.ts';
import type { Row } from '../../../../shared/contract/keys.ts';
import { nameLine } from '../../../../shared/redis/cli-quote.ts';
import { copyText } from '../../../lib/copy.ts';
import { formatShare } from '../../../lib/format.ts';
import { Count } from '../../../ui/count.tsx';
import { FactList } from '../../../ui/fact-list.tsx';
import { InlineCopy } from '../../../ui/inline-copy.tsx';
import { WireText } from '../../../ui/wire-text-view.tsx';
import { prefixPattern, scanCommand } from '../cli-commands.ts';
import { useKeysPlace } from '../keys-context.ts';
import { useSignal } from '../signal.ts';
import classes from './value.module.css';

/** What is known of a folder from names alone. */
export function FolderPane({ row, onFilterFolder }: { row: Extract<Row, { kind: 'folder' }>; onFilterFolder: (prefix: WireBytes) => void }) {
  const { index } = useKeysPlace();
  const all = useSignal(index.feed, (feed) => feed.snapshot?.keys ?? 0);
  const pattern = prefixPattern(row.prefix);
  return (
    <div className={classes['folder']}>
      <div className={classes['nameLine']}>
        <h2 className={classes['name']}>
          <WireText value={row.prefix} limit={400} />
        </h2>
        <InlineCopy label="Copy prefix" text={nameLine(fromWire(row.prefix))} />
      </div>
      <FactList
        facts={[
          ['Keys', <Count key="keys" value={row.keys} exactness={row.exactness} />],
          ['Share of the database', all > 0 ? formatShare(Math.min(1, row.keys / all)) : '–'],
          ['Pattern', <WireText key="pattern" value={pattern} multiline limit={300} />],
        ]}
      />
      <div className={classes['folderActions']}>
        <Button variant="default" leftSection={<IconFilter size={14} />} onClick={() => onFilterFolder(row.prefix)}>
          Filter to this folder
        </Button>
        <Button variant="default" leftSection={<IconCopy size={14} />} onClick={() => void copyText(nameLine(fromWire(pattern)))}>
          Copy pattern
        </Button>
        <Button variant="default" leftSection={<IconTerminal2 size={14} />} onClick={() => void copyText(scanCommand(row.prefix))}>
          Copy as redis-cli SCAN
        </Button>
      </div>
    </div>
  );
}
