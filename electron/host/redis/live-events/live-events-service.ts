import { LookasideError } from '../../../../shared/contract/errors.ts';
import type { LiveEventsService } from '../../services.ts';

function later(): LookasideError {
  return new LookasideError('UNSUPPORTED', 'This version cannot watch keyspace events yet');
}

export function createLiveEventsService(): LiveEventsService {
  const refuse = (): Promise<never> => Promise.reject(later());
  return {
    check: refuse,
    enable: refuse,
    restore: refuse,
    watch: () => {
      throw later();
    },
    recent: refuse,
    drop: async () => undefined,
    closeAll: async () => undefined,
  };
}
