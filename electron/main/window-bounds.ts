import { readFileSync } from 'node:fs';
import { screen, type BrowserWindow, type Rectangle } from 'electron';
import * as v from 'valibot';
import writeFileAtomic from 'write-file-atomic';

const saveDelayMs = 400;
/** How much of the window's top must be on a display, so that it can be grabbed. */
const grabWidth = 120;
const grabHeight = 40;
export const smallest = { width: 760, height: 480 };
const first = { width: 1360, height: 860 };

const whole = v.pipe(v.number(), v.integer(), v.minValue(-100_000), v.maxValue(100_000));
const remembered = v.object({ x: whole, y: whole, width: whole, height: whole, maximized: v.boolean() });
type Remembered = v.InferOutput<typeof remembered>;

function read(file: string): Remembered | null {
  try {
    const parsed = v.safeParse(remembered, JSON.parse(readFileSync(file, 'utf8')));
    return parsed.success ? parsed.output : null;
  } catch {
    // No file yet, or one that cannot be read: the window opens as on the first day.
    return null;
  }
}

function canBeGrabbed(bounds: Rectangle, areas: readonly Rectangle[]): boolean {
  return areas.some((area) => {
    const width = Math.min(bounds.x + bounds.width, area.x + area.width) - Math.max(bounds.x, area.x);
    const top = bounds.y >= area.y - grabHeight && bounds.y + grabHeight <= area.y + area.height;
    return width >= grabWidth && top;
  });
}

/** Where the window opens: where it was, if a display still is there; otherwise centred. */
export function initialBounds(file: string): { bounds: Partial<Rectangle> & { width: number; height: number }; maximized: boolean } {
  const last = read(file);
  if (last === null) return { bounds: first, maximized: false };
  const size = { width: Math.max(last.width, smallest.width), height: Math.max(last.height, smallest.height) };
  const areas = screen.getAllDisplays().map((display) => display.workArea);
  const bounds = canBeGrabbed({ ...size, x: last.x, y: last.y }, areas) ? { ...size, x: last.x, y: last.y } : size;
  return { bounds, maximized: last.maximized };
}

/** Remembers the window's bounds while it lives. */
export function rememberBounds(window: BrowserWindow, file: string, report: (error: unknown) => void): void {
  let timer: NodeJS.Timeout | undefined;
  const save = (): void => {
    clearTimeout(timer);
    const state: Remembered = { ...window.getNormalBounds(), maximized: window.isMaximized() };
    try {
      writeFileAtomic.sync(file, JSON.stringify(state), { mode: 0o600 });
    } catch (error) {
      report(error);
    }
  };
  const saveSoon = (): void => {
    clearTimeout(timer);
    timer = setTimeout(save, saveDelayMs);
  };
  window.on('resize', saveSoon);
  window.on('move', saveSoon);
  window.on('close', save);
  window.on('closed', () => clearTimeout(timer));
}
