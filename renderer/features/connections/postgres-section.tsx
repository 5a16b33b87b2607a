import { Button, NativeSelect, Switch, TextInput } from '@mantine/core';
import type { ReactNode } from 'react';
import { sslModes, type PostgresProfile, type SecretSlot } from '../../../shared/contract/workspaces.ts';
import { formOfDraft, type FieldErrors, type PostgresForm } from './draft-form.ts';
import { FormPart } from './form-part.tsx';
import { NumberField } from './number-field.tsx';
import { SshFields } from './ssh-fields.tsx';
import classes from './connection-editor.module.css';

const modeWords: Record<PostgresForm['sslMode'], string> = {
  disable: 'Never encrypted.',
  allow: 'Encrypted only when the server insists; nothing is verified.',
  prefer: 'Encrypted when the server offers it; nothing is verified.',
  require: 'Always encrypted; verified only when a root certificate file is there, as libpq does.',
  'verify-ca': 'Always encrypted; the chain must lead to the root certificate, the name is not looked at.',
  'verify-full': 'Always encrypted; chain and host name are verified.',
};

type TextFieldName = 'host' | 'user' | 'database' | 'sslRootCert' | 'sslCert' | 'sslKey' | 'passFile' | 'options';

interface PostgresSectionProps {
  form: PostgresForm;
  onChange: (form: PostgresForm) => void;
  errors: FieldErrors;
  secret: (slot: SecretSlot, label: string) => ReactNode;
  aliases: readonly string[];
  /** What `PG*` of this machine's environment says. */
  environment: PostgresProfile | null;
  action: ReactNode;
}

/** The Postgres side of a workspace. */
export function PostgresSection({ form, onChange, errors, secret, aliases, environment, action }: PostgresSectionProps) {
  const set = (change: Partial<PostgresForm>) => onChange({ ...form, ...change });
  const text = (field: TextFieldName, label: string, placeholder: string) => (
    <TextInput
      className={classes['grow'] ?? ''}
      label={label}
      placeholder={placeholder}
      spellCheck={false}
      autoComplete="off"
      classNames={{ input: 'la-mono' }}
      value={form[field]}
      error={errors.get(`postgres.${field}`)}
      onChange={(event) => set({ [field]: event.currentTarget.value })}
    />
  );
  const takeEnvironment = () => {
    if (environment === null) return;
    const draft = { name: '', environment: 'local' as const, colour: 'gray' as const, readOnly: false, delimiters: [], redis: null, postgres: environment };
    onChange(formOfDraft(draft).postgres);
  };
  return (
    <section className={classes['section']} aria-label="Postgres">
      <div className={classes['sectionHead']}>
        <h2 className={classes['sectionTitle']}>Postgres</h2>
        <Switch size="xs" aria-label="This workspace has a Postgres" checked={form.on} onChange={(event) => set({ on: event.currentTarget.checked })} />
        <div className={classes['spring']} />
        {environment !== null && (
          <Button variant="subtle" onClick={takeEnvironment}>
            Fill from PG* variables
          </Button>
        )}
        {form.on && action}
      </div>
      {!form.on && <p className={classes['note']}>Switch on to pair the cache with the database behind it.</p>}
      {form.on && (
        <div className={classes['fields']}>
          <div className={classes['line']}>
            {text('host', 'Host', 'db.example.com or /var/run/postgresql')}
            <NumberField label="Port" value={form.port} error={errors.get('postgres.port')} onChange={(port) => set({ port })} />
            {text('database', 'Database', 'as the user')}
          </div>
          <div className={classes['line']}>
            {text('user', 'User', 'as the local user')}
            {secret('postgres.password', 'Password')}
          </div>
          <div className={classes['line']}>
            {text('passFile', 'Password file', 'empty: PGPASSFILE or ~/.pgpass')}
            {text('options', 'Options', '-c search_path=shop')}
          </div>
          <FormPart title="TLS">
            <NativeSelect
              aria-label="sslmode"
              data={sslModes.map((mode) => ({ value: mode, label: `sslmode=${mode}` }))}
              value={form.sslMode}
              onChange={(event) => set({ sslMode: sslModes.find((mode) => mode === event.currentTarget.value) ?? 'prefer' })}
            />
            <p className={form.sslMode.startsWith('verify') || form.sslMode === 'require' ? classes['note'] : classes['warning']}>{modeWords[form.sslMode]}</p>
            {form.sslMode !== 'disable' && (
              <>
                {text('sslRootCert', 'Root certificate', 'empty: ~/.postgresql/root.crt')}
                <div className={classes['line']}>
                  {text('sslCert', 'Client certificate', 'path of a PEM file')}
                  {text('sslKey', 'Client key', 'path of a PEM file')}
                </div>
                {form.sslKey !== '' && secret('postgres.tlsKeyPassphrase', 'Passphrase of the client key')}
              </>
            )}
          </FormPart>
          <SshFields
            side="postgres"
            on={form.sshOn}
            onSwitch={(sshOn) => set({ sshOn })}
            ssh={form.ssh}
            onChange={(ssh) => set({ ssh })}
            aliases={aliases}
            errors={errors}
            password={secret('postgres.sshPassword', 'SSH password')}
            passphrase={secret('postgres.sshPassphrase', 'Passphrase of the key')}
          />
        </div>
      )}
    </section>
  );
}
