import { useSyncExternalStore } from 'react';

/** A value that parts of the screen follow without the screen itself drawing again. */
export class Signal<T> {
  private value: T;
  private readonly listeners = new Set<() => void>();

  constructor(value: T) {
    this.value = value;
  }

  readonly get = (): T => this.value;

  set(value: T): void {
    if (Object.is(value, this.value)) return;
    this.value = value;
    for (const listener of this.listeners) listener();
  }

  readonly subscribe = (listener: () => void): (() => void) => {
    this.listeners.add(listener);
    return () => this.listeners.delete(listener);
  };
}

/** Draws again only when what `select` gives has changed; it must give a primitive or a part of the value. */
export function useSignal<T, S>(signal: Signal<T>, select: (value: T) => S): S {
  return useSyncExternalStore(signal.subscribe, () => select(signal.get()));
}
