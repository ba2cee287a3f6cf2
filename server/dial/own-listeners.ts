// Where Foyer itself listens: no app may have its upstream there; a wildcard is every address.
import type { Config } from '#server/config.ts';
import type { Endpoint } from '#server/core/app.ts';
import { EVERY_ADDRESS, metricsEndpoints } from '#server/metrics/metrics-listen.ts';

export function ownListeners({ listen, metricsListen }: Pick<Config, 'listen' | 'metricsListen'>): Endpoint[] {
  return [
    ...listen.map(({ address, port }) => ({ address: address ?? EVERY_ADDRESS, port })),
    ...metricsEndpoints(metricsListen),
  ];
}
