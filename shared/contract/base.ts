import { oc } from '@orpc/contract';
import { errorCodes, errorData, type ErrorCode } from './errors.ts';

type ErrorMap = Record<ErrorCode, { data: typeof errorData }>;

const errorMap = Object.fromEntries(errorCodes.map((code) => [code, { data: errorData }])) as ErrorMap;

/** Every procedure of the contract starts here, so that every one can fail with every listed code and no other. */
export const base = oc.errors(errorMap);
