import { createRouter } from '../../router.ts';
import type { HostServices } from '../../services.ts';

/** The real router over services of a test's making; what is not given is not there. */
export function routerOver(services: { [Area in keyof HostServices]?: Partial<HostServices[Area]> }) {
  return createRouter({ workspaces: {}, connections: {}, keys: { prepare: () => undefined }, values: {}, valueWork: {}, edit: {}, bulk: {}, liveEvents: { drop: async () => undefined, repair: async () => undefined }, jobs: {}, settings: {}, demo: {}, ...services } as HostServices);
}
