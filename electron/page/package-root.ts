import { existsSync, readFileSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { fileURLToPath } from 'node:url';

interface Manifest {
  name: string;
  version: string;
}

function find(): { root: string; manifest: Manifest } {
  let folder = dirname(fileURLToPath(import.meta.url));
  for (;;) {
    const file = join(folder, 'package.json');
    if (existsSync(file)) {
      const manifest = JSON.parse(readFileSync(file, 'utf8')) as Manifest;
      if (manifest.name === 'lookaside') return { root: folder, manifest };
    }
    const parent = dirname(folder);
    if (parent === folder) throw new Error('The package of Lookaside is not around its own code');
    folder = parent;
  }
}

const found = find();

/** The folder that holds package.json: the checkout, the installed package or the app's asar archive. */
export const packageRoot = found.root;
export const packageVersion = found.manifest.version;
