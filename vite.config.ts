import { chmodSync } from 'node:fs';
import { builtinModules } from 'node:module';
import { fileURLToPath } from 'node:url';
import react from '@vitejs/plugin-react';
import { defineConfig, type EnvironmentOptions, type Plugin } from 'vite';
import packageJson from './package.json' with { type: 'json' };

const at = (path: string) => fileURLToPath(new URL(path, import.meta.url));
const nodeBuiltins = new Set([...builtinModules, ...builtinModules.map((name) => `node:${name}`)]);
/** What `npm install lookaside` brings along, and Electron itself, stay imports; everything else is bundled. */
const installed = [...Object.keys(packageJson.dependencies), ...Object.keys(packageJson.optionalDependencies), 'electron'];
const isInstalled = (id: string) => nodeBuiltins.has(id) || installed.some((name) => id === name || id.startsWith(`${name}/`));

function nodeSide(input: Record<string, string>, outDir: string, format: 'es' | 'cjs'): EnvironmentOptions {
  return {
    consumer: 'server',
    // In the preload `electron` is all there is: a sandboxed preload can require nothing that is installed.
    resolve: format === 'cjs' ? { noExternal: true, external: ['electron'] } : { external: installed },
    build: {
      outDir,
      emptyOutDir: true,
      target: 'node20',
      minify: false,
      sourcemap: true,
      ssr: true,
      rolldownOptions: {
        input,
        external: format === 'cjs' ? ['electron'] : isInstalled,
        output: {
          format,
          entryFileNames: format === 'cjs' ? '[name].cjs' : '[name].js',
          chunkFileNames: 'chunks/[name]-[hash].js',
        },
      },
    },
  };
}

/** The command can be started by its path, as npm makes it when it installs. */
const executableCommand: Plugin = {
  name: 'executable-command',
  writeBundle: ({ dir }, bundle) => {
    if (dir !== undefined && 'cli.js' in bundle) chmodSync(`${dir}/cli.js`, 0o755);
  },
};

/** One build gives every part: `dist/renderer`, `dist/node` (main, command line, workers) and `dist/preload`. */
export default defineConfig({
  root: at('renderer'),
  base: './',
  plugins: [react(), executableCommand],
  css: { postcss: at('renderer') },
  define: { __APP_VERSION__: JSON.stringify(packageJson.version) },
  builder: {},
  environments: {
    client: {
      build: { outDir: at('dist/renderer'), emptyOutDir: true, target: 'chrome130', sourcemap: true, chunkSizeWarningLimit: 1500, assetsInlineLimit: 0, modulePreload: { polyfill: false } },
    },
    node: nodeSide(
      {
        main: at('electron/main/main.ts'),
        cli: at('electron/cli/cli.ts'),
        'index-worker': at('electron/host/redis/index-worker.ts'),
        'decode-worker': at('electron/host/redis/decode-worker.ts'),
      },
      at('dist/node'),
      'es',
    ),
    preload: nodeSide({ preload: at('electron/preload/preload.ts') }, at('dist/preload'), 'cjs'),
  },
});
