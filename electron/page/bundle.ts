import { readFile, realpath } from 'node:fs/promises';
import { extname, isAbsolute, join, relative, resolve } from 'node:path';
import { packageRoot } from './package-root.ts';

const types: ReadonlyMap<string, string> = new Map([
  ['.html', 'text/html; charset=utf-8'],
  ['.js', 'text/javascript; charset=utf-8'],
  ['.css', 'text/css; charset=utf-8'],
  ['.json', 'application/json'],
  ['.map', 'application/json'],
  ['.svg', 'image/svg+xml'],
  ['.png', 'image/png'],
  ['.ico', 'image/x-icon'],
  ['.woff2', 'font/woff2'],
  ['.woff', 'font/woff'],
  ['.wasm', 'application/wasm'],
]);

export interface Asset {
  body: Buffer;
  type: string;
  /** The name holds a hash of the content, so it may be kept for ever. */
  immutable: boolean;
}

/** The built page (`dist/renderer`), read only through here. */
export interface Bundle {
  /** `index.html` for one response, with its nonce and the face filled in. */
  index(page: { nonce: string; face: 'electron' | 'browser' }): Promise<string>;
  /** A file by the path of a URL, still percent-encoded; `null` when there is none or the path leaves the bundle. */
  asset(urlPath: string): Promise<Asset | null>;
}

/** Says what to do when the page was never built. */
export class MissingBundle extends Error {
  constructor(folder: string) {
    super(`The page is not built: ${join(folder, 'index.html')} is missing. Run "npm run build" in the project's folder.`);
  }
}

const hashedName = /^assets\/.+-[\w-]{8,}\.\w+$/u;

function isInside(folder: string, file: string): boolean {
  const path = relative(folder, file);
  return path !== '' && !path.startsWith('..') && !isAbsolute(path);
}

/** Path of a URL as a path below the bundle, or `null` when it cannot name a file there. */
function fileOf(folder: string, urlPath: string): string | null {
  let decoded: string;
  try {
    decoded = decodeURIComponent(urlPath);
  } catch {
    return null;
  }
  if (!decoded.startsWith('/') || decoded.includes('\0') || decoded.includes('\\')) return null;
  const file = resolve(folder, `.${decoded}`);
  return isInside(folder, file) ? file : null;
}

function isAbsence(error: unknown): boolean {
  const code = error instanceof Error && 'code' in error ? error.code : undefined;
  return code === 'ENOENT' || code === 'ENOTDIR' || code === 'EISDIR' || code === 'ENAMETOOLONG';
}

/**
 * Opens the built page.
 * @param folder where it is; tests serve a small one of their own
 * @throws MissingBundle
 */
export async function openBundle(folder = join(packageRoot, 'dist', 'renderer')): Promise<Bundle> {
  let template: string;
  try {
    template = await readFile(join(folder, 'index.html'), 'utf8');
  } catch (error) {
    if (isAbsence(error)) throw new MissingBundle(folder);
    throw error;
  }
  const root = await realpath(folder);
  return {
    index: async ({ nonce, face }) =>
      template
        .replaceAll('__CSP_NONCE__', nonce)
        .replace(/<head[^>]*>/u, (head) => `${head}<meta name="lookaside-face" content="${face}">`),
    asset: async (urlPath) => {
      const file = fileOf(root, urlPath);
      // The page itself needs its nonce: it is never handed out as a file.
      if (file === null || file === join(root, 'index.html')) return null;
      try {
        // A link inside the bundle must not lead out of it either.
        const real = await realpath(file);
        if (!isInside(root, real)) return null;
        const body = await readFile(real);
        return {
          body,
          type: types.get(extname(real).toLowerCase()) ?? 'application/octet-stream',
          immutable: hashedName.test(relative(root, real).replaceAll('\\', '/')),
        };
      } catch (error) {
        if (isAbsence(error)) return null;
        throw error;
      }
    },
  };
}
