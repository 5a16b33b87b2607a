import type { Environment, Workspace } from '../../shared/contract/workspaces.ts';
import { Badge, type Tone } from './badge.tsx';
import classes from './environment.module.css';

const tones: Record<Environment, Tone> = { local: 'plain', staging: 'amber', production: 'red' };

/** The environment by its word, in its colour. */
export function EnvironmentBadge({ environment }: { environment: Environment }) {
  return <Badge tone={tones[environment]}>{environment}</Badge>;
}

/** The colour that somebody gave a workspace, to know it by. */
export function WorkspaceDot({ colour }: { colour: Workspace['colour'] }) {
  return <span className={classes['dot']} data-colour={colour} aria-hidden />;
}
