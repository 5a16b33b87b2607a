import { mkdtempSync } from 'node:fs';
import { rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath, pathToFileURL } from 'node:url';
import { build } from 'vite';

/** The index thread as it ships: one JavaScript file, in a folder of its own. */
export async function buildIndexWorker(): Promise<{ url: URL; remove(): Promise<void> }> {
  const folder = mkdtempSync(join(tmpdir(), 'lookaside-bench-'));
  await writeFile(join(folder, 'package.json'), '{"type":"module"}');
  await build({
    configFile: false,
    logLevel: 'error',
    root: fileURLToPath(new URL('../..', import.meta.url)),
    ssr: { noExternal: true },
    build: {
      ssr: fileURLToPath(new URL('../../electron/host/redis/index-worker.ts', import.meta.url)),
      outDir: folder,
      emptyOutDir: false,
      target: 'node20',
      minify: false,
      rolldownOptions: { output: { format: 'es', entryFileNames: 'index-worker.js' } },
    },
  });
  return { url: pathToFileURL(join(folder, 'index-worker.js')), remove: () => rm(folder, { recursive: true, force: true }) };
}
