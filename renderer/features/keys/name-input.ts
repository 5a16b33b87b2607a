export { nameFromInput } from '../../lib/name-input.ts';
