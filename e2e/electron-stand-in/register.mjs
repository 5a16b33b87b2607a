// Makes `import ... from 'electron'` mean the stand-in, in the process that loads this first. Test-only.
import { register } from 'node:module';

const standIn = new URL('./electron.ts', import.meta.url).href;
const hook = `export function resolve(name, context, next) {
  return next(name === 'electron' ? ${JSON.stringify(standIn)} : name, context);
}`;
register(`data:text/javascript,${encodeURIComponent(hook)}`);
