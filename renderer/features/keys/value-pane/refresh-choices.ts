/** Seconds between readings of the open key; 0 = only by hand. */
export const refreshChoices = [0, 2, 5, 10, 30] as const;
