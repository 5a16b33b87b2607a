import { NativeSelect, SegmentedControl, Switch, TextInput } from '@mantine/core';
import type { ReactNode } from 'react';
import type { SecretSlot } from '../../../shared/contract/workspaces.ts';
import { defaultPort, type FieldErrors, type RedisForm } from './draft-form.ts';
import { NodesField } from './nodes-field.tsx';
import { NumberField } from './number-field.tsx';
import { SshFields } from './ssh-fields.tsx';
import { TlsFields } from './tls-fields.tsx';
import classes from './connection-editor.module.css';

const topologies: { value: RedisForm['topology']; label: string }[] = [
  { value: 'auto', label: 'Automatic' },
  { value: 'standalone', label: 'Standalone' },
  { value: 'cluster', label: 'Cluster' },
  { value: 'sentinel', label: 'Sentinel' },
];

interface RedisSectionProps {
  form: RedisForm;
  onChange: (form: RedisForm) => void;
  errors: FieldErrors;
  secret: (slot: SecretSlot, label: string) => ReactNode;
  aliases: readonly string[];
  /** The button that tests this side. */
  action: ReactNode;
}

/** A topology whose default port differs takes ports along that nobody has changed. */
function withTopology(form: RedisForm, topology: RedisForm['topology']): RedisForm {
  const before = form.topology === 'sentinel' ? defaultPort.sentinel : defaultPort.redis;
  const after = topology === 'sentinel' ? defaultPort.sentinel : defaultPort.redis;
  return { ...form, topology, nodes: form.nodes.map((node) => (node.port === before ? { ...node, port: after } : node)) };
}

/** The Redis side of a workspace. */
export function RedisSection({ form, onChange, errors, secret, aliases, action }: RedisSectionProps) {
  const set = (change: Partial<RedisForm>) => onChange({ ...form, ...change });
  const many = form.topology === 'cluster' || form.topology === 'sentinel';
  const sentinel = form.topology === 'sentinel';
  const socket = form.socket && !many;
  const text = (field: 'socketPath' | 'sentinelMaster' | 'sentinelUsername' | 'username', label: string, placeholder: string) => (
    <TextInput
      className={classes['grow'] ?? ''}
      label={label}
      placeholder={placeholder}
      spellCheck={false}
      autoComplete="off"
      classNames={{ input: 'la-mono' }}
      value={form[field]}
      error={errors.get(`redis.${field}`)}
      onChange={(event) => set({ [field]: event.currentTarget.value })}
    />
  );
  return (
    <section className={classes['section']} aria-label="Redis">
      <div className={classes['sectionHead']}>
        <h2 className={classes['sectionTitle']}>Redis</h2>
        <Switch size="xs" aria-label="This workspace has a Redis" checked={form.on} onChange={(event) => set({ on: event.currentTarget.checked })} />
        <div className={classes['spring']} />
        {form.on && action}
      </div>
      {!form.on && <p className={classes['note']}>Switch on to browse keys.</p>}
      {form.on && (
        <div className={classes['fields']}>
          <div className={classes['line']}>
            <NativeSelect
              label="Topology"
              data={topologies}
              value={form.topology}
              onChange={(event) => onChange(withTopology(form, topologies.find((one) => one.value === event.currentTarget.value)?.value ?? 'auto'))}
            />
            {!many && (
              <div>
                <div className={classes['label']}>Reached by</div>
                <SegmentedControl
                  size="xs"
                  aria-label="Reached by"
                  data={[
                    { value: 'tcp', label: 'Address' },
                    { value: 'socket', label: 'Unix socket' },
                  ]}
                  value={form.socket ? 'socket' : 'tcp'}
                  onChange={(value) => set({ socket: value === 'socket' })}
                />
              </div>
            )}
          </div>
          {socket ? (
            text('socketPath', 'Socket path', '/var/run/redis/redis.sock')
          ) : (
            <NodesField
              nodes={form.nodes}
              onChange={(nodes) => set({ nodes })}
              word={sentinel ? 'Sentinel' : form.topology === 'cluster' ? 'Seed node' : 'Host'}
              many={many}
              port={sentinel ? defaultPort.sentinel : defaultPort.redis}
              errors={errors}
            />
          )}
          {sentinel && (
            <>
              {text('sentinelMaster', 'Name of the master', 'mymaster')}
              <div className={classes['line']}>
                {text('sentinelUsername', 'Sentinel user', 'empty: default')}
                {secret('redis.sentinelPassword', 'Sentinel password')}
              </div>
            </>
          )}
          <div className={classes['line']}>
            {text('username', 'User', 'empty: default')}
            {secret('redis.password', 'Password')}
            {form.topology !== 'cluster' && <NumberField label="Database" value={form.db} error={errors.get('redis.db')} onChange={(db) => set({ db })} />}
          </div>
          <TlsFields tls={form.tls} onChange={(tls) => set({ tls })} errors={errors} passphrase={secret('redis.tlsKeyPassphrase', 'Passphrase of the client key')} />
          {!socket && (
            <SshFields
              side="redis"
              on={form.sshOn}
              onSwitch={(sshOn) => set({ sshOn })}
              ssh={form.ssh}
              onChange={(ssh) => set({ ssh })}
              aliases={aliases}
              errors={errors}
              password={secret('redis.sshPassword', 'SSH password')}
              passphrase={secret('redis.sshPassphrase', 'Passphrase of the key')}
            />
          )}
        </div>
      )}
    </section>
  );
}
