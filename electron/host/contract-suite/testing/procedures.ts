import { ContractProcedure } from '@orpc/contract';
import * as v from 'valibot';
import { contract } from '../../../../shared/contract/contract.ts';

export interface ListedProcedure {
  /** `area.method`. */
  name: string;
  path: string[];
  input: v.GenericSchema | null;
}

function walk(part: unknown, path: string[]): ListedProcedure[] {
  if (part instanceof ContractProcedure) {
    const schema = part['~orpc'].inputSchema;
    return [{ name: path.join('.'), path, input: schema === undefined ? null : (schema) }];
  }
  return Object.entries(part as Record<string, unknown>).flatMap(([key, value]) => walk(value, [...path, key]));
}

/** Every procedure of the contract, found by walking it. */
export const procedures = walk(contract, []);

/** Anything of valibot's that describes a value, as far as samples and mutations need to look into it. */
interface Described {
  type: string;
  entries?: Record<string, Described>;
  options?: unknown[];
  wrapped?: Described;
  literal?: unknown;
  item?: Described;
}

const strings = ['sample', 'eA==', 'x', '0'];
const numbers = [1, 0, 0.5, 22];

/** A value that the schema accepts. */
export function sample(schema: v.GenericSchema): unknown {
  const accepts = (value: unknown) => v.safeParse(schema, value).success;
  const described = schema as unknown as Described;
  switch (described.type) {
    case 'string':
      return strings.find(accepts);
    case 'number':
      return numbers.find(accepts);
    case 'boolean':
      return true;
    case 'array':
      return [];
    case 'record':
      return {};
    case 'nullable':
      return null;
    case 'optional':
      return undefined;
    case 'literal':
      return described.literal;
    case 'picklist':
      return described.options?.[0];
    case 'union':
    case 'variant':
      return sample(described.options?.[0] as v.GenericSchema);
    case 'object':
    case 'strict_object':
      return Object.fromEntries(
        Object.entries(described.entries ?? {}).map(([key, entry]) => [key, sample(entry as unknown as v.GenericSchema)]),
      );
    default:
      throw new TypeError(`No sample for the schema type ${described.type}`);
  }
}

/** A secret that stands in a wrong place must not come back in a message. */
export const misplacedSecret = 'hunter2-misplaced';

const wrongValues: unknown[] = [
  null, true, -1, 1.5, 1e300, misplacedSecret, '', '\ud800', '\u0000', 'x'.repeat(100_000), [], [misplacedSecret], {}, { b64: '*' },
  { [misplacedSecret]: misplacedSecret }, new Date(0), 5n, new Map([['a', 1]]),
];

export interface BadInput {
  what: string;
  input: unknown;
}

function mutations(schema: Described, value: unknown, path: string): BadInput[] {
  const replaced = wrongValues.map((wrong, index): BadInput => ({ what: `${path || 'input'} = wrong value ${index}`, input: wrong }));
  if (schema.type === 'nullable' || schema.type === 'optional') return schema.wrapped === undefined ? replaced : [...replaced, ...mutations(schema.wrapped, value, path)];
  if (schema.entries === undefined || typeof value !== 'object' || value === null) return replaced;
  const inside = Object.entries(schema.entries).flatMap(([key, entry]) => {
    const own = (value as Record<string, unknown>)[key];
    const rest = Object.fromEntries(Object.entries(value).filter(([each]) => each !== key));
    const changed = mutations(entry, own, path === '' ? key : `${path}.${key}`).map(({ what, input }) => ({ what, input: { ...rest, [key]: input } }));
    return [{ what: `${path}.${key} missing`, input: rest }, ...changed];
  });
  return [...replaced, ...inside];
}

/** Inputs that the schema refuses: each part missing, of a wrong type, or out of its bounds. */
export function badInputs(schema: v.GenericSchema): BadInput[] {
  const cases = [{ what: 'no input', input: undefined }, ...mutations(schema, sample(schema), '')];
  return cases.filter(({ input }) => !v.safeParse(schema, input).success);
}
