import { Fragment, type ReactNode } from 'react';
import { Group, Panel, Separator } from 'react-resizable-panels';
import { useSetting } from '../lib/settings.ts';
import classes from './split.module.css';

export interface Pane {
  /** Unique in its split. */
  id: string;
  /** For the handle's accessible name. */
  label: string;
  /** Percent of the whole, as a first size. */
  size?: number;
  /** `'200px'` or percent. */
  minSize?: number | string;
  maxSize?: number | string;
  children: ReactNode;
}

interface SplitProps {
  /** Under this name the sizes are remembered: `keys.main`. */
  name: string;
  orientation?: 'horizontal' | 'vertical';
  panes: readonly Pane[];
}

function isLayout(value: unknown): value is Record<string, number> {
  return typeof value === 'object' && value !== null && Object.values(value).every((size) => typeof size === 'number');
}

/** Panels that resize by mouse and keyboard; their sizes are remembered for each set of panes. */
export function Split({ name, orientation = 'horizontal', panes }: SplitProps) {
  const ids = panes.map((pane) => pane.id).join('+');
  const [layout, setLayout] = useSetting<Record<string, number>>(`split.${name}.${ids}`, {}, isLayout);
  const known = panes.every((pane) => layout[pane.id] !== undefined);
  return (
    <Group
      key={ids}
      id={`split-${name}`}
      orientation={orientation}
      className={classes['group'] ?? ''}
      defaultLayout={known ? layout : undefined}
      onLayoutChanged={(next, change) => {
        if (change.isUserInteraction) setLayout(next);
      }}
    >
      {panes.map((pane, at) => (
        <Fragment key={pane.id}>
          {at > 0 && (
            <Separator
              className={classes['separator'] ?? ''}
              data-orientation={orientation}
              aria-label={`Resize ${panes[at - 1]?.label ?? ''} and ${pane.label}`}
            />
          )}
          <Panel
            id={pane.id}
            className={classes['panel'] ?? ''}
            defaultSize={pane.size === undefined ? undefined : `${pane.size}%`}
            minSize={pane.minSize ?? '120px'}
            maxSize={pane.maxSize}
          >
            {pane.children}
          </Panel>
        </Fragment>
      ))}
    </Group>
  );
}
