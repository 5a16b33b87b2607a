import { Button, PasswordInput } from '@mantine/core';
import { useQuery } from '@tanstack/react-query';
import type { SecretChanges, SecretSlot, Workspace } from '../../../shared/contract/workspaces.ts';
import { useHost } from '../../lib/host.ts';
import classes from './connection-editor.module.css';

interface SecretFieldProps {
  slot: SecretSlot;
  label: string;
  /** What the host holds now; secrets themselves never come back. */
  held: Workspace['secrets'][SecretSlot];
  secrets: SecretChanges;
  onChange: (secrets: SecretChanges) => void;
}

/** A secret that can be set and forgotten, never read. An untouched field leaves what the host holds. */
export function SecretField({ slot, label, held = 'none', secrets, onChange }: SecretFieldProps) {
  const { orpc } = useHost();
  const { data: info } = useQuery(orpc.app.info.queryOptions({ staleTime: Number.POSITIVE_INFINITY }));
  const typed = secrets[slot];
  const cleared = typed === null;
  const holds = held !== 'none' && !cleared;
  const change = (value: string | null | undefined) => {
    const { [slot]: _before, ...rest } = secrets;
    onChange(value === undefined ? rest : { ...rest, [slot]: value });
  };
  const fate = info === undefined || info.secrets.persistent ? 'Stored in the system keychain' : `For this session only: ${info.secrets.reason}`;
  const words = cleared ? 'Forgotten when saved' : typed ? fate : { stored: 'Stored', session: 'Held for this session only', none: 'None' }[held];
  return (
    <PasswordInput
      className={classes['grow'] ?? ''}
      label={label}
      description={words}
      inputWrapperOrder={['label', 'input', 'description', 'error']}
      placeholder={holds ? 'unchanged' : ''}
      autoComplete="new-password"
      value={typed ?? ''}
      onChange={(event) => change(event.currentTarget.value === '' ? undefined : event.currentTarget.value)}
      {...(held === 'none' || typed
        ? {}
        : {
            rightSectionWidth: 64,
            rightSectionPointerEvents: 'all' as const,
            rightSection: (
              <Button variant="subtle" color="gray" h={20} px={6} fz={12} onClick={() => change(cleared ? undefined : null)} aria-label={cleared ? `Keep: ${label}` : `Forget: ${label}`}>
                {cleared ? 'Keep' : 'Forget'}
              </Button>
            ),
          })}
    />
  );
}
