import { SegmentedControl, TextInput } from '@mantine/core';
import type { FieldErrors, TlsForm } from './draft-form.ts';
import { FormPart } from './form-part.tsx';
import type { ReactNode } from 'react';
import classes from './connection-editor.module.css';

const modes: { value: TlsForm['mode']; label: string }[] = [
  { value: 'off', label: 'Off' },
  { value: 'verify', label: 'Verify' },
  { value: 'pin', label: 'Pin' },
  { value: 'skip', label: 'Skip verification' },
];

const words: Record<TlsForm['mode'], string> = {
  off: 'Passwords and data cross the network in clear text.',
  verify: 'The chain must lead to a trusted authority, and the certificate must be for this host.',
  pin: 'Exactly one certificate is accepted, known by its fingerprint; its expiry and authority are not looked at.',
  skip: 'Any certificate is accepted: anyone in between could stand for the server. A badge stays in the status bar.',
};

interface TlsFieldsProps {
  tls: TlsForm;
  onChange: (tls: TlsForm) => void;
  errors: FieldErrors;
  /** The passphrase of the client key. */
  passphrase: ReactNode;
}

/** TLS of a Redis: how the server is verified, and how this client shows who it is. */
export function TlsFields({ tls, onChange, errors, passphrase }: TlsFieldsProps) {
  const set = (change: Partial<TlsForm>) => onChange({ ...tls, ...change });
  const file = (field: 'caFile' | 'certFile' | 'keyFile', label: string, placeholder: string) => (
    <TextInput
      className={classes['grow'] ?? ''}
      label={label}
      placeholder={placeholder}
      spellCheck={false}
      classNames={{ input: 'la-mono' }}
      value={tls[field]}
      error={errors.get(`redis.tls.${field}`)}
      onChange={(event) => set({ [field]: event.currentTarget.value })}
    />
  );
  return (
    <FormPart title="TLS">
      <SegmentedControl
        aria-label="TLS of Redis"
        size="xs"
        data={modes}
        value={tls.mode}
        onChange={(value) => set({ mode: modes.find((mode) => mode.value === value)?.value ?? 'verify' })}
      />
      <p className={tls.mode === 'skip' ? classes['warning'] : classes['note']}>{words[tls.mode]}</p>
      {tls.mode === 'pin' && (
        <TextInput
          label="SHA-256 of the certificate"
          description="A test shows the certificate of the server and offers to pin it"
          placeholder="64 hexadecimal digits"
          spellCheck={false}
          classNames={{ input: 'la-mono' }}
          value={tls.pinSha256}
          error={errors.get('redis.tls.pinSha256')}
          onChange={(event) => set({ pinSha256: event.currentTarget.value.replace(/[\s:]/g, '').toLowerCase() })}
        />
      )}
      {tls.mode !== 'off' && (
        <>
          <div className={classes['line']}>
            {tls.mode === 'verify' && file('caFile', 'CA file', 'empty: the system’s store')}
            <TextInput
              className={classes['grow'] ?? ''}
              label="Server name"
              placeholder="empty: the host"
              spellCheck={false}
              classNames={{ input: 'la-mono' }}
              value={tls.serverName}
              onChange={(event) => set({ serverName: event.currentTarget.value })}
            />
          </div>
          <div className={classes['line']}>
            {file('certFile', 'Client certificate', 'path of a PEM file')}
            {file('keyFile', 'Client key', 'path of a PEM file')}
          </div>
          {tls.keyFile !== '' && passphrase}
        </>
      )}
    </FormPart>
  );
}
