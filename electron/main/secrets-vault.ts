import { safeStorage } from 'electron';
import type { SecretVault } from '../host/services.ts';

function forSession(reason: string): SecretVault {
  const refuse = () => Promise.reject(new Error('This vault keeps nothing'));
  return { persistent: false, reason, protect: refuse, reveal: refuse };
}

/**
 * Secrets over the system's keychain, once the app is ready. Where the system offers none (on Linux Electron then
 * falls back to `basic_text`, a key that everyone knows) nothing is kept beyond the session.
 */
export async function createSecretsVault(platform: NodeJS.Platform = process.platform): Promise<SecretVault> {
  if (platform === 'linux') {
    const backend = safeStorage.getSelectedStorageBackend();
    if (backend === 'basic_text' || backend === 'unknown') {
      return forSession('This desktop offers no keyring, so passwords are kept in memory until the app ends.');
    }
  }
  if (!(await safeStorage.isAsyncEncryptionAvailable())) {
    return forSession("The system's keychain is not available, so passwords are kept in memory until the app ends.");
  }
  return {
    persistent: true,
    reason: '',
    protect: async (plain) => (await safeStorage.encryptStringAsync(plain)).toString('base64'),
    reveal: async (stored) => (await safeStorage.decryptStringAsync(Buffer.from(stored, 'base64'))).result,
  };
}
