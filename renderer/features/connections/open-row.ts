import type { ErrorCode } from '../../../shared/contract/errors.ts';
import type { SecretSlot, Workspace } from '../../../shared/contract/workspaces.ts';

interface SecretPrompt {
  slot: SecretSlot;
  label: string;
}

const redisPrompts: Partial<Record<ErrorCode, SecretPrompt>> = {
  REDIS_AUTH_REQUIRED: { slot: 'redis.password', label: 'Redis password' },
  REDIS_WRONG_PASSWORD: { slot: 'redis.password', label: 'Redis password' },
  SSH_PASSPHRASE_REQUIRED: { slot: 'redis.sshPassphrase', label: 'Passphrase of the SSH key' },
  SSH_AUTH_FAILED: { slot: 'redis.sshPassword', label: 'SSH password' },
};

const postgresPrompts: Partial<Record<ErrorCode, SecretPrompt>> = {
  PG_PASSWORD_REQUIRED: { slot: 'postgres.password', label: 'Postgres password' },
  PG_WRONG_PASSWORD: { slot: 'postgres.password', label: 'Postgres password' },
  SSH_PASSPHRASE_REQUIRED: { slot: 'postgres.sshPassphrase', label: 'Passphrase of the SSH key' },
  SSH_AUTH_FAILED: { slot: 'postgres.sshPassword', label: 'SSH password' },
};

/** The secret that would help a failed attempt to open; `null` when none would. Opening fails by its Redis side, if it has one. */
export function secretFor(workspace: Workspace, code: ErrorCode): SecretPrompt | null {
  const prompt = (workspace.redis === null ? postgresPrompts : redisPrompts)[code] ?? null;
  if (code !== 'SSH_AUTH_FAILED') return prompt;
  const ssh = workspace.redis === null ? workspace.postgres?.ssh : workspace.redis.ssh;
  return ssh?.auth === 'password' ? prompt : null;
}
