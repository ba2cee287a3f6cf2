// Where Foyer itself listens: no app may have its upstream there; a wildcard is every address.
import type { Config } from './config.ts';
import type { Address } from './core/address.ts';
import type { Endpoint } from './core/app.ts';
import { metricsEndpoints } from './metrics-listen.ts';

const WILDCARD = '::' as Address;

export function ownListeners({ listen, metricsListen }: Pick<Config, 'listen' | 'metricsListen'>): Endpoint[] {
  return [
    ...listen.map(({ address, port }) => ({ address: address ?? WILDCARD, port })),
    ...metricsEndpoints(metricsListen),
  ];
}
