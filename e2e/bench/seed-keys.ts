import { sendAll } from '../../electron/host/redis/testing/raw-redis.ts';

const digits = (value: number, width: number) => value.toString(36).padStart(width, '0').slice(-width);

/** Names of 16 bytes, four to a folder: 1,000,000 names make 250,000 folders under 1,000 (`0ab:1cd:00000xyz`). */
export function* benchNames(count: number): Generator<string> {
  const folders = Math.max(1, Math.ceil(count / 4));
  for (let i = 0; i < count; i += 1) {
    const folder = i % folders;
    yield `${digits(folder % 1000, 3)}:${digits(Math.floor(folder / 1000), 3)}:${digits(i, 8)}`;
  }
}

/** Fills an empty server with `count` string keys by SET. */
export async function seedKeys(port: number, count: number): Promise<void> {
  function* sets() {
    for (const name of benchNames(count)) yield ['SET', name, 'v'] as const;
  }
  await sendAll(port, sets());
}
