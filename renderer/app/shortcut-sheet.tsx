import { Modal } from '@mantine/core';
import { useShortcutList, type Shortcut } from '../lib/keyboard.ts';
import { Keys } from '../ui/kbd.tsx';
import classes from './shortcut-sheet.module.css';

const everywhere: readonly Pick<Shortcut, 'keys' | 'label'>[] = [
  { keys: 'down', label: 'Next row' },
  { keys: 'up', label: 'Previous row' },
  { keys: 'pagedown', label: 'A page down' },
  { keys: 'pageup', label: 'A page up' },
  { keys: 'home', label: 'First row' },
  { keys: 'end', label: 'Last row' },
  { keys: 'enter', label: 'Open the row' },
  { keys: 'escape', label: 'Close the innermost thing' },
];

function byGroup(shortcuts: readonly Shortcut[]): (readonly [string, readonly Pick<Shortcut, 'keys' | 'label'>[]])[] {
  const groups = new Map<string, Map<string, Shortcut>>();
  for (const shortcut of shortcuts) {
    const group = groups.get(shortcut.group) ?? new Map<string, Shortcut>();
    group.set(shortcut.keys, shortcut);
    groups.set(shortcut.group, group);
  }
  return [...groups].map(([name, group]) => [name, [...group.values()]] as const);
}

/** Everything that works by keys at this moment. */
export function ShortcutSheet({ opened, onClose }: { opened: boolean; onClose: () => void }) {
  const shortcuts = useShortcutList();
  return (
    <Modal opened={opened} onClose={onClose} title="Keyboard shortcuts" size={720}>
      <div className={classes['groups']}>
        {[...byGroup(shortcuts), ['Lists and trees', everywhere] as const].map(([name, entries]) => (
          <section key={name} className={classes['group']}>
            <h3 className={classes['name']}>{name}</h3>
            {entries.map((entry) => (
              <div key={entry.keys} className={classes['entry']}>
                <span>{entry.label}</span>
                <Keys shortcut={entry.keys} />
              </div>
            ))}
          </section>
        ))}
      </div>
    </Modal>
  );
}
