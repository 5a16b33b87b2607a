import type { ContractRouterClient } from '@orpc/contract';
import { appContract } from './app.ts';
import { connectionsContract } from './connections.ts';
import { editContract } from './edit.ts';
import { jobsContract } from './jobs.ts';
import { keysContract } from './keys.ts';
import { valuesContract } from './values.ts';
import { workspacesContract } from './workspaces.ts';

/** Everything that a page can ask of the host. One definition gives types, validation, errors, client and handlers. */
export const contract = {
  app: appContract,
  workspaces: workspacesContract,
  connections: connectionsContract,
  keys: keysContract,
  values: valuesContract,
  edit: editContract,
  jobs: jobsContract,
};

export type Contract = typeof contract;
export type HostClient = ContractRouterClient<Contract>;
