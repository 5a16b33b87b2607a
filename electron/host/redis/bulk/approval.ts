import { createHash, createPrivateKey, createPublicKey, generateKeyPairSync, sign, verify, type KeyObject } from 'node:crypto';
import { createReadStream } from 'node:fs';
import { mkdir, readFile } from 'node:fs/promises';
import { join } from 'node:path';
import { pipeline } from 'node:stream/promises';
import * as v from 'valibot';
import { LookasideError } from '../../../../shared/contract/errors.ts';
import { translateStoreError, writeWhole } from '../../store/atomic-file.ts';
import type { BulkEngine } from './bulk-engine.ts';
import { operatingUser } from '../../connections/audit-journal.ts';

/** How long a plan waits for its second person once it was handed out, ms. */
const approvalLifeMs = 24 * 3_600_000;

const planContent = v.object({
  kind: v.literal('lookaside-plan'),
  version: v.literal(1),
  planId: v.string(),
  workspace: v.string(),
  title: v.string(),
  count: v.number(),
  /** SHA-256 of the exact names, hex. */
  names: v.string(),
  signedBy: v.string(),
  at: v.string(),
});

/** `plan` is the whole signed text of the plan file. */
const approvalContent = v.object({
  kind: v.literal('lookaside-approval'),
  version: v.literal(1),
  plan: v.string(),
  approvedBy: v.string(),
  comment: v.string(),
  at: v.string(),
});

/** `content` is signed byte for byte as it stands here. `key`: the signer's public key, DER in base64. */
const signed = v.object({ content: v.string(), key: v.string(), signature: v.string() });

function refuse(message: string, hint = ''): LookasideError {
  return new LookasideError('INVALID_INPUT', message, { hint });
}

/** First 16 bytes of a key's hash, to be compared by two people. */
function fingerprintOf(key: string): string {
  return createHash('sha256').update(Buffer.from(key, 'base64')).digest('hex').slice(0, 32).replaceAll(/(.{4})(?=.)/g, '$1 ');
}

/** The content of a signed text and who signed it. Throws INVALID_INPUT when it was altered, or is none. */
function open<T>(text: string, schema: v.GenericSchema<unknown, T>, what: string): { content: T; key: string } {
  try {
    const { content, key, signature } = v.parse(signed, JSON.parse(text));
    const from = createPublicKey({ key: Buffer.from(key, 'base64'), format: 'der', type: 'spki' });
    if (!verify(null, Buffer.from(content), from, Buffer.from(signature, 'base64'))) throw refuse(`The ${what} was altered: its signature does not hold`);
    return { content: v.parse(schema, JSON.parse(content)), key };
  } catch (error) {
    if (error instanceof LookasideError) throw error;
    // whatever is wrong inside a text from elsewhere: it is none
    throw refuse(`This is no ${what} of Lookaside`, 'Give the whole text as it was written.');
  }
}

export interface Approval {
  rule(workspaceId: string): Promise<boolean>;
  setRule(workspaceId: string, needsApproval: boolean): Promise<{ needsApproval: boolean }>;
  planFile(planId: string): Promise<{ text: string; fingerprint: string }>;
  approve(input: { text: string; comment?: string | undefined }): Promise<{ text: string; title: string; count: number; signedBy: string; fingerprint: string }>;
  /** Who approved; `null` where nobody has to. Throws CONFLICT where approval is needed and not given. */
  check(planId: string, approval: string | undefined): Promise<string | null>;
}

/**
 * A second person's consent. Each user of the operating system has an Ed25519 key in the data folder. A signature proves that a text is as its
 * signer wrote it; that the signer is who they say is for two people to compare, by the key's fingerprint.
 */
export function createApproval({ folder, plans, settings }: BulkEngine): Approval {
  const keyFile = join(folder, 'bulk', 'approval-key.pem');
  const settingOf = (workspaceId: string): string => `invalidate.approval.${workspaceId}`;
  let own: Promise<KeyObject> | null = null;

  async function readKey(): Promise<KeyObject> {
    try {
      return createPrivateKey(await readFile(keyFile, 'utf8'));
    } catch (error) {
      if (!(error instanceof Error) || !('code' in error) || error.code !== 'ENOENT') throw translateStoreError(error, keyFile, 'read');
    }
    const { privateKey } = generateKeyPairSync('ed25519');
    await mkdir(join(folder, 'bulk'), { recursive: true, mode: 0o700 });
    await writeWhole(keyFile, privateKey.export({ format: 'pem', type: 'pkcs8' }).toString());
    return privateKey;
  }

  function ownKey(): Promise<KeyObject> {
    own ??= readKey().catch((error: unknown) => {
      own = null;
      throw error;
    });
    return own;
  }

  const publicOf = (key: KeyObject): string => createPublicKey(key).export({ format: 'der', type: 'spki' }).toString('base64');

  async function seal(content: object): Promise<{ text: string; key: string }> {
    const key = await ownKey();
    const text = JSON.stringify(content);
    const publicKey = publicOf(key);
    return { text: `${JSON.stringify({ content: text, key: publicKey, signature: sign(null, Buffer.from(text), key).toString('base64') }, null, 2)}\n`, key: publicKey };
  }

  async function hashOf(file: string): Promise<string> {
    const hash = createHash('sha256');
    await pipeline(createReadStream(file), hash);
    return hash.digest('hex');
  }

  async function rule(workspaceId: string): Promise<boolean> {
    return (await settings.all())[settingOf(workspaceId)] === 'true';
  }

  return {
    rule,
    setRule: async (workspaceId, needsApproval) => {
      await settings.save({ [settingOf(workspaceId)]: needsApproval ? 'true' : null });
      return { needsApproval };
    },
    planFile: async (planId) => {
      const { header, workspace, terms, namesFile } = plans.ready(planId);
      const { text, key } = await seal({
        kind: 'lookaside-plan',
        version: 1,
        planId,
        workspace: workspace.name,
        title: header.title,
        count: terms.count,
        names: await hashOf(namesFile),
        signedBy: operatingUser(),
        at: new Date().toISOString(),
      });
      plans.extend(planId, approvalLifeMs);
      return { text, fingerprint: fingerprintOf(key) };
    },
    approve: async ({ text, comment = '' }) => {
      const { content, key } = open(text, planContent, 'plan file');
      if (key === publicOf(await ownKey())) throw refuse('This plan was signed here: it needs another person', 'Send it to someone else who runs Lookaside.');
      const { text: approval } = await seal({ kind: 'lookaside-approval', version: 1, plan: text, approvedBy: operatingUser(), comment, at: new Date().toISOString() });
      return { text: approval, title: `${content.title} (${content.workspace})`, count: content.count, signedBy: content.signedBy, fingerprint: fingerprintOf(key) };
    },
    check: async (planId, approval) => {
      const { workspace, namesFile, terms } = plans.ready(planId);
      if (!(await rule(workspace.id))) return null;
      if (approval === undefined) {
        throw new LookasideError('CONFLICT', 'This workspace asks for the approval of a second person', { hint: 'Send the plan file to someone, and give their approval here.' });
      }
      const { content, key } = open(approval, approvalContent, 'approval');
      const plan = open(content.plan, planContent, 'plan file');
      const mine = publicOf(await ownKey());
      if (key === mine) throw new LookasideError('CONFLICT', 'One cannot approve one’s own plan');
      const same = plan.key === mine && plan.content.planId === planId && plan.content.count === terms.count && plan.content.names === (await hashOf(namesFile));
      if (!same) throw new LookasideError('CONFLICT', 'The approval is for another plan', { hint: 'An approval holds for exactly the plan whose file was signed.' });
      return `${content.approvedBy} (${fingerprintOf(key)})`;
    },
  };
}
