// FOYER_METRICS_LISTEN: where the operator's listener is, or that there is none.

import { formatListen, type ListenAddress, parseListen } from '#server/config/listen-address.ts';
import { type Address, parseAddress } from '#server/core/address.ts';
import type { Endpoint } from '#server/core/app.ts';

/** `isDefault`: nobody asked for it, so a start does not fail for it. */
export type MetricsListen = { kind: 'off' } | { kind: 'listen'; at: ListenAddress; isDefault: boolean };

/** What OpenTelemetry's exporters take by default, so that nothing else does. */
const DEFAULT_AT: ListenAddress = { tls: false, address: parseAddress('127.0.0.1'), port: 9464 };

/** `listen` are the public addresses: what is for operators alone is never among them. */
export function readMetricsListen(
  text: string | null,
  listen: readonly ListenAddress[],
  problems: string[],
): MetricsListen {
  if (text === null) return { kind: 'listen', at: DEFAULT_AT, isDefault: true };
  if (text.toLowerCase() === 'off') return { kind: 'off' };
  const at = parseListen(text, 'http');
  if (!at || at.tls) {
    problems.push(
      `FOYER_METRICS_LISTEN is no listening address without TLS: ${JSON.stringify(text)}. Write an IP address and a port, for example 127.0.0.1:9464, or off.`,
    );
    return { kind: 'off' };
  }
  if (clashes(at, listen))
    problems.push(
      `FOYER_METRICS_LISTEN and FOYER_LISTEN both name ${formatListen(at)}: metrics are for operators alone, so give them a port of their own, for example 127.0.0.1:9464.`,
    );
  return { kind: 'listen', at, isDefault: false };
}

/** Reports whether one of the public addresses is, or includes, the operator's. */
export function clashes(at: ListenAddress, listen: readonly ListenAddress[]): boolean {
  const isEvery = (address: Address | null) => address === null || address === '::' || address === '0.0.0.0';
  return listen.some(
    (other) =>
      other.port === at.port &&
      at.port !== 0 &&
      (other.address === at.address || isEvery(other.address) || isEvery(at.address)),
  );
}

/** Where nothing but operators may go: no app has its upstream there. A wildcard is every address. */
export function metricsEndpoints(listen: MetricsListen): Endpoint[] {
  if (listen.kind === 'off' || listen.at.port === 0) return [];
  return [{ address: listen.at.address ?? EVERY_ADDRESS, port: listen.at.port }];
}

export const EVERY_ADDRESS = '::' as Address;

/** Reports whether only this machine reaches it. */
export function isLocal({ address }: Pick<ListenAddress, 'address'>): boolean {
  return address !== null && (address.startsWith('127.') || address === '::1');
}
