import { Button } from '@mantine/core';
import { useQuery, useQueryClient } from '@tanstack/react-query';
import { useEffect, useRef, useState, type ReactNode } from 'react';
import type { Problem } from '../../../shared/contract/errors.ts';
import type { SecretSlot, Workspace } from '../../../shared/contract/workspaces.ts';
import { useCommands } from '../../lib/commands.ts';
import { useHost } from '../../lib/host.ts';
import { guardNavigation, navigate, type Route } from '../../lib/navigation.ts';
import { toProblem } from '../../lib/to-problem.ts';
import { useOpenings } from '../../lib/workspaces.ts';
import { ConfirmDialog } from '../../ui/confirm-dialog.tsx';
import { Keys } from '../../ui/kbd.tsx';
import { ProblemView } from '../../ui/problem-view.tsx';
import { Toolbar } from '../../ui/toolbar.tsx';
import { checkForm, draftOfForm, isSameForm, secretsOfForm, type DraftForm, type FieldErrors } from './draft-form.ts';
import { GeneralSection } from './general-section.tsx';
import { PasteBox } from './paste-box.tsx';
import { PostgresSection } from './postgres-section.tsx';
import { RedisSection } from './redis-section.tsx';
import { SecretField } from './secret-field.tsx';
import { TestPanel } from './test-panel.tsx';
import { useConnectionTest, type Side } from './use-connection-test.ts';
import { useRemedies } from './use-remedies.tsx';
import classes from './connection-editor.module.css';

const noErrors: FieldErrors = new Map();

/** Holds the page back while a form has changes; `leave` says where the user wanted to go. */
function useLeaveGuard(dirty: boolean, onHeldBack: (next: Route) => void) {
  const latest = useRef(onHeldBack);
  const passing = useRef(false);
  useEffect(() => {
    latest.current = onHeldBack;
  });
  useEffect(() => {
    if (!dirty) return undefined;
    const warn = (event: BeforeUnloadEvent) => event.preventDefault();
    window.addEventListener('beforeunload', warn);
    const free = guardNavigation((next) => {
      if (passing.current) return true;
      latest.current(next);
      return false;
    });
    return () => {
      window.removeEventListener('beforeunload', warn);
      free();
    };
  }, [dirty]);
  return () => {
    passing.current = true;
  };
}

interface ConnectionEditorProps {
  /** The workspace that is changed; `null` makes a new one. */
  workspace: Workspace | null;
  initial: DraftForm;
  onClose: () => void;
}

/** One connection: paste it or fill it in, test each side, save it, open it. */
export function ConnectionEditor({ workspace, initial, onClose }: ConnectionEditorProps) {
  const { client, orpc } = useHost();
  const queryClient = useQueryClient();
  const openings = useOpenings();
  const { data: hints } = useQuery(orpc.workspaces.environmentHints.queryOptions());
  const [form, setForm] = useState(initial);
  const [tried, setTried] = useState(false);
  const [busy, setBusy] = useState<'save' | 'open' | null>(null);
  const [problem, setProblem] = useState<Problem | null>(null);
  const [leaving, setLeaving] = useState<{ to: Route | null } | null>(null);
  const body = useRef<HTMLDivElement>(null);
  const { test, start, clear } = useConnectionTest(workspace?.id ?? null);
  const dirty = !isSameForm(form, initial);
  const letPass = useLeaveGuard(dirty, (to) => setLeaving({ to }));
  const found = checkForm(form);
  const errors = tried ? found : noErrors;

  const close = () => (dirty ? setLeaving({ to: null }) : onClose());
  const showFirstError = () => requestAnimationFrame(() => body.current?.querySelector<HTMLElement>('[aria-invalid="true"]')?.focus());
  const isFitFor = (sides: readonly string[]): boolean => {
    const inTheWay = [...found.keys()].filter((field) => sides.some((side) => field.startsWith(side)));
    if (inTheWay.length === 0) return true;
    setTried(true);
    showFirstError();
    return false;
  };
  const save = async (thenOpen: boolean) => {
    setTried(true);
    if (found.size > 0) {
      showFirstError();
      return;
    }
    setBusy(thenOpen ? 'open' : 'save');
    setProblem(null);
    try {
      const saved = await client.workspaces.save({
        ...(workspace === null ? {} : { workspaceId: workspace.id }),
        draft: draftOfForm(form),
        secrets: secretsOfForm(form),
      });
      // What is open still uses the settings of before.
      if (workspace !== null) await client.connections.close({ workspaceId: saved.id });
      await queryClient.invalidateQueries();
      letPass();
      openings.forget(saved.id);
      onClose();
      if (thenOpen && (await openings.open(saved.id))) navigate({ screen: 'keys', workspaceId: saved.id });
    } catch (error) {
      setProblem(toProblem(error));
    } finally {
      setBusy(null);
    }
  };
  const startTest = (side: Side, next: DraftForm = form) => {
    if (next === form && !isFitFor([side])) return;
    void start(side, next);
  };
  const remedies = useRemedies(form, setForm, (side, next) => void start(side, next));
  useCommands([
    { id: 'connection.save', title: 'Save the connection', group: 'Connections', shortcut: 'mod+s', run: () => void save(false) },
    { id: 'connection.save-open', title: 'Save and open', group: 'Connections', shortcut: 'mod+enter', run: () => void save(true) },
    { id: 'connection.test-redis', title: 'Test Redis', group: 'Connections', enabled: form.redis.on, run: () => startTest('redis') },
    { id: 'connection.test-postgres', title: 'Test Postgres', group: 'Connections', enabled: form.postgres.on, run: () => startTest('postgres') },
    { id: 'connection.cancel', title: 'Close the editor', group: 'Connections', shortcut: 'escape', inText: true, run: close },
  ]);

  const secret = (slot: SecretSlot, label: string): ReactNode => (
    <SecretField slot={slot} label={label} held={workspace?.secrets[slot]} secrets={form.secrets} onChange={(secrets) => setForm({ ...form, secrets })} />
  );
  const testButton = (side: Side) => (
    <Button variant="default" loading={test?.running === true && test.side === side} onClick={() => startTest(side)}>
      Test {side === 'redis' ? 'Redis' : 'Postgres'}
    </Button>
  );
  const aliases = hints?.sshAliases ?? [];
  return (
    <div className={classes['editor']}>
      <Toolbar label="Connection" title={workspace === null ? 'New connection' : `Edit ${workspace.name}`} />
      <div ref={body} className={classes['body']}>
        <div className={classes['form']}>
          <PasteBox form={form} onApply={setForm} focus={workspace === null && !initial.name} redisUrlVariable={hints?.redisUrlVariable ?? null} />
          <GeneralSection form={form} onChange={setForm} errors={errors} focusName={workspace !== null || initial.name !== ''} />
          {errors.has('sides') && (
            <p className={classes['error']} role="alert">
              {errors.get('sides')}
            </p>
          )}
          {problem !== null && <ProblemView problem={problem} onRetry={() => void save(false)} />}
          {test !== null && (
            <div className={classes['test']}>
              <TestPanel test={test} remedies={remedies(test.side)} onAgain={() => startTest(test.side)} onClose={clear} />
            </div>
          )}
          <div className={classes['sides']}>
            <RedisSection form={form.redis} onChange={(redis) => setForm({ ...form, redis })} errors={errors} secret={secret} aliases={aliases} action={testButton('redis')} />
            <PostgresSection
              form={form.postgres}
              onChange={(postgres) => setForm({ ...form, postgres })}
              errors={errors}
              secret={secret}
              aliases={aliases}
              environment={hints?.postgres ?? null}
              action={testButton('postgres')}
            />
          </div>
        </div>
      </div>
      <footer className={classes['footer']}>
        {tried && found.size > 0 && (
          <span className={classes['error']} role="status">
            {found.size === 1 ? 'One field needs attention' : `${found.size} fields need attention`}
          </span>
        )}
        <div className={classes['spring']} />
        <Button variant="default" rightSection={<Keys shortcut="escape" />} onClick={close}>
          Cancel
        </Button>
        <Button variant="default" loading={busy === 'save'} disabled={busy === 'open'} onClick={() => void save(false)}>
          Save
        </Button>
        <Button loading={busy === 'open'} disabled={busy === 'save'} onClick={() => void save(true)}>
          Save and open
        </Button>
      </footer>
      <ConfirmDialog
        opened={leaving !== null}
        onClose={() => setLeaving(null)}
        title="Discard the changes"
        confirmLabel="Discard the changes"
        cancelLabel="Keep editing"
        danger
        onConfirm={() => {
          letPass();
          onClose();
          if (leaving?.to) navigate(leaving.to);
        }}
      >
        The changes of {form.name.trim() || 'this connection'} are not saved.
      </ConfirmDialog>
    </div>
  );
}
