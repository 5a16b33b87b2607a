import { Worker, type WorkerOptions } from 'node:worker_threads';

/**
 * Starts a worker by name. In the built program it is a file beside this one (`dist/node/<name>.js`, chunks one folder
 * below); from TypeScript sources (tests) it is loaded through tsx.
 */
export function startWorker(name: 'index-worker' | 'decode-worker', options: WorkerOptions): Worker {
  if (!import.meta.url.endsWith('.ts')) {
    const inChunk = /\/chunks\/[^/]*$/.test(import.meta.url);
    return new Worker(new URL(inChunk ? `../${name}.js` : `./${name}.js`, import.meta.url), options);
  }
  const entry = new URL(`./redis/${name}.ts`, import.meta.url).href;
  // `--import tsx` does nothing in a worker thread of Node 20, so the thread registers it itself; never part of a build
  const api = import.meta.resolve('tsx/esm/api');
  const script = `import { register } from ${JSON.stringify(api)};\nregister();\nawait import(${JSON.stringify(entry)});`;
  return new Worker(new URL(`data:text/javascript,${encodeURIComponent(script)}`), { ...options, execArgv: [] });
}
