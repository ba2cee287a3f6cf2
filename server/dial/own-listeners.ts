// Where Foyer itself listens: no app may have its upstream there; a wildcard is every address.
import type { Config } from '#server/config.ts';
import type { Address } from '#server/core/address.ts';
import type { Endpoint } from '#server/core/app.ts';
import { metricsEndpoints } from '#server/metrics/metrics-listen.ts';

const WILDCARD = '::' as Address;

export function ownListeners({ listen, metricsListen }: Pick<Config, 'listen' | 'metricsListen'>): Endpoint[] {
  return [
    ...listen.map(({ address, port }) => ({ address: address ?? WILDCARD, port })),
    ...metricsEndpoints(metricsListen),
  ];
}
