import { useRef, type KeyboardEvent, type ReactNode } from 'react';
import { useShortcuts } from '../../../lib/keyboard.ts';
import { useSetting } from '../../../lib/settings.ts';
import classes from './value.module.css';

const lowest = 100;
const keyStep = 24;

/**
 * A value with, when something of it is open, a drawer below. The value stays mounted while the drawer comes and goes,
 * so that its scroll position and its active row stay.
 */
export function WithDrawer({ name, drawer, onClose, children }: { name: string; drawer: ReactNode; onClose: () => void; children: ReactNode }) {
  const [height, setHeight] = useSetting(`${name}.height`, 280);
  const box = useRef<HTMLDivElement>(null);
  const start = useRef<{ y: number; height: number } | null>(null);
  // Before the pane's own Escape, which gives the focus back to the keys.
  useShortcuts([{ keys: 'escape', label: 'Close the element', group: 'Value', within: box, enabled: Boolean(drawer), run: onClose }]);
  const resize = (next: number) => setHeight(Math.round(Math.max(lowest, Math.min(next, (box.current?.clientHeight ?? 600) - lowest))));
  const onKeyDown = (event: KeyboardEvent) => {
    const step = { ArrowUp: keyStep, ArrowDown: -keyStep }[event.key];
    if (step === undefined) return;
    event.preventDefault();
    resize(height + step);
  };
  return (
    <div ref={box} className={classes['body']}>
      <div className={classes['body']}>{children}</div>
      {drawer && (
        <>
          <div
            role="separator"
            aria-orientation="horizontal"
            aria-label="Height of the element"
            aria-valuenow={height}
            aria-valuemin={lowest}
            aria-valuemax={2000}
            tabIndex={0}
            className={classes['drawerHandle']}
            onKeyDown={onKeyDown}
            onPointerDown={(event) => {
              event.currentTarget.setPointerCapture(event.pointerId);
              start.current = { y: event.clientY, height };
            }}
            onPointerMove={(event) => {
              if (start.current) resize(start.current.height + start.current.y - event.clientY);
            }}
            onPointerUp={() => {
              start.current = null;
            }}
          />
          <div className={classes['drawerBox']} style={{ height }}>
            {drawer}
          </div>
        </>
      )}
    </div>
  );
}
