import * as v from 'valibot';

/** `exact`: counted to the end, nothing changed since by us. `atLeast`: the scan goes on. `estimated`: extrapolated. */
export const exactness = v.picklist(['exact', 'atLeast', 'estimated']);
