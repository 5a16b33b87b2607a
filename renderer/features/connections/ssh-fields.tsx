import { Autocomplete, Checkbox, NativeSelect, Switch, TextInput } from '@mantine/core';
import type { ReactNode } from 'react';
import type { FieldErrors, SshForm } from './draft-form.ts';
import { FormPart } from './form-part.tsx';
import { NumberField } from './number-field.tsx';
import classes from './connection-editor.module.css';

const kinds: { value: SshForm['auth']; label: string }[] = [
  { value: 'auto', label: 'Agent, then keys' },
  { value: 'agent', label: 'Agent' },
  { value: 'key', label: 'Key file' },
  { value: 'password', label: 'Password' },
];

interface SshFieldsProps {
  /** Which side it belongs to, for names and errors. */
  side: 'redis' | 'postgres';
  on: boolean;
  onSwitch: (on: boolean) => void;
  ssh: SshForm;
  onChange: (ssh: SshForm) => void;
  /** Aliases of `~/.ssh/config`. */
  aliases: readonly string[];
  errors: FieldErrors;
  password: ReactNode;
  passphrase: ReactNode;
}

/** The SSH tunnel that a side goes through. */
export function SshFields({ side, on, onSwitch, ssh, onChange, aliases, errors, password, passphrase }: SshFieldsProps) {
  const set = (change: Partial<SshForm>) => onChange({ ...ssh, ...change });
  const mono = { input: 'la-mono' };
  return (
    <FormPart title="SSH tunnel">
      <Switch
        size="xs"
        label={side === 'redis' ? 'Reach Redis through SSH' : 'Reach Postgres through SSH'}
        checked={on}
        onChange={(event) => onSwitch(event.currentTarget.checked)}
      />
      {on && (
        <>
          <div className={classes['line']}>
            <Autocomplete
              className={classes['grow'] ?? ''}
              label="SSH host"
              placeholder="bastion.example.com or an alias"
              data={[...new Set(aliases)]}
              classNames={mono}
              spellCheck={false}
              value={ssh.host}
              error={errors.get(`${side}.ssh.host`)}
              onChange={(host) => set({ host })}
            />
            <NumberField
              label="SSH port"
              value={ssh.port === 0 ? '' : ssh.port}
              placeholder="22"
              error={errors.get(`${side}.ssh.port`)}
              onChange={(port) => set({ port: port === '' ? 0 : port })}
            />
            <TextInput
              className={classes['grow'] ?? ''}
              label="SSH user"
              placeholder="as ssh_config says"
              spellCheck={false}
              classNames={mono}
              value={ssh.user}
              onChange={(event) => set({ user: event.currentTarget.value })}
            />
          </div>
          <div className={classes['line']}>
            <NativeSelect
              label="Authentication"
              data={kinds}
              value={ssh.auth}
              onChange={(event) => set({ auth: kinds.find((kind) => kind.value === event.currentTarget.value)?.value ?? 'auto' })}
            />
            {(ssh.auth === 'key' || ssh.auth === 'auto') && (
              <TextInput
                className={classes['grow'] ?? ''}
                label="Key file"
                placeholder={ssh.auth === 'auto' ? 'as ssh_config says' : '~/.ssh/id_ed25519'}
                spellCheck={false}
                classNames={mono}
                value={ssh.keyFile}
                error={errors.get(`${side}.ssh.keyFile`)}
                onChange={(event) => set({ keyFile: event.currentTarget.value })}
              />
            )}
            {ssh.auth === 'password' && password}
          </div>
          {(ssh.auth === 'key' || ssh.auth === 'auto') && passphrase}
          <TextInput
            label="Jump hosts"
            placeholder="user@host:port, further hosts after commas; empty: as ssh_config says"
            spellCheck={false}
            classNames={mono}
            value={ssh.proxyJump}
            onChange={(event) => set({ proxyJump: event.currentTarget.value })}
          />
          <Checkbox size="xs" label="Read ~/.ssh/config" checked={ssh.useConfig} onChange={(event) => set({ useConfig: event.currentTarget.checked })} />
        </>
      )}
    </FormPart>
  );
}
