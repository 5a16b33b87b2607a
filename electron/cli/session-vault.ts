import type { SecretVault } from '../host/services.ts';

/** Secrets of a process without a keychain. */
export const sessionVault: SecretVault = {
  persistent: false,
  reason: 'Outside the desktop app there is no keychain: passwords are kept in memory until this process ends.',
  protect: () => Promise.reject(new Error('This vault keeps nothing')),
  reveal: () => Promise.reject(new Error('This vault keeps nothing')),
};
