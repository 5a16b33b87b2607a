import { Button } from '@mantine/core';
import type { KeyFactField } from '../../../../shared/contract/key-filter.ts';
import type { KeyIndex } from '../use-key-index.ts';
import { fieldList } from './fact-words.ts';
import classes from './facts.module.css';

/** Says which facts are missing for what is asked, and reads them on one click. */
export function NeedFacts({ index, fields, because }: { index: KeyIndex; fields: readonly KeyFactField[]; because: string }) {
  if (fields.length === 0) return null;
  return (
    <div className={classes['need']} role="status">
      <span>
        {because} {fieldList(fields)}, not read yet.
      </span>
      <Button variant="light" size="compact-xs" onClick={() => index.enrich([...fields], false)}>
        Read {fieldList(fields)}
      </Button>
    </div>
  );
}
