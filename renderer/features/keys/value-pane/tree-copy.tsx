import { Button } from '@mantine/core';
import { useState } from 'react';
import { copyText } from '../../../lib/copy.ts';

interface TreeCopyProps {
  path: () => string;
  value: () => Promise<string>;
  /** Where JSON of the row is something else than its value. */
  json?: () => Promise<string>;
}

type Done = 'path' | 'value' | 'json' | null;

/** Copies of the active row of a tree, each of which says that it was done. */
export function TreeCopy({ path, value, json }: TreeCopyProps) {
  const [done, setDone] = useState<Done>(null);
  const copy = async (what: Exclude<Done, null>, text: string | Promise<string>) => {
    if (await copyText(await text)) setDone(what);
    setTimeout(() => setDone(null), 1500);
  };
  const words = (what: Exclude<Done, null>, label: string) => (done === what ? 'Copied' : label);
  return (
    <Button.Group>
      <Button variant="subtle" color="gray" size="compact-xs" onClick={() => void copy('path', path())}>
        {words('path', 'Copy path')}
      </Button>
      <Button variant="subtle" color="gray" size="compact-xs" onClick={() => void copy('value', value())}>
        {words('value', 'Copy value')}
      </Button>
      {json && (
        <Button variant="subtle" color="gray" size="compact-xs" onClick={() => void copy('json', json())}>
          {words('json', 'Copy JSON')}
        </Button>
      )}
    </Button.Group>
  );
}
