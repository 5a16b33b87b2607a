import type { ContractRouterClient } from '@orpc/contract';
import { appContract } from './app.ts';
import { auditContract } from './audit.ts';
import { blastRadiusContract } from './blast-radius.ts';
import { bulkContract } from './bulk.ts';
import { connectionsContract } from './connections.ts';
import { editContract } from './edit.ts';
import { decodeContract } from './decode.ts';
import { invalidateContract } from './invalidate.ts';
import { jobsContract } from './jobs.ts';
import { keyGroupsContract } from './key-groups.ts';
import { keySketchesContract } from './key-sketches.ts';
import { keysContract } from './keys.ts';
import { liveEventsContract } from './live-events.ts';
import { runbooksContract } from './runbooks.ts';
import { valueWorkContract } from './value-work.ts';
import { valuesContract } from './values.ts';
import { workspacesContract } from './workspaces.ts';

/** Everything that a page can ask of the host. One definition gives types, validation, errors, client and handlers. */
export const contract = {
  app: appContract,
  workspaces: workspacesContract,
  connections: connectionsContract,
  keys: { ...keysContract, ...keyGroupsContract, ...keySketchesContract },
  values: valuesContract,
  edit: editContract,
  bulk: bulkContract,
  invalidate: invalidateContract,
  liveEvents: liveEventsContract,
  decode: decodeContract,
  valueWork: valueWorkContract,
  runbooks: runbooksContract,
  audit: auditContract,
  blastRadius: blastRadiusContract,
  jobs: jobsContract,
};

export type Contract = typeof contract;
export type HostClient = ContractRouterClient<Contract>;
