// How a program asks DNS servers: with connections of its own, and by TLS those that prove their name to the authorities that this machine trusts.
import { readFileSync } from 'node:fs';
import { createExchange, type OwnExchange } from '#server/dns/exchange.ts';
import { systemAuthorities } from './upstream-tls.ts';

/** `caFile` holds more authorities (FOYER_UPSTREAM_CA), where the process was not started with them. */
export function openExchange({ now, caFile = null }: { now(): number; caFile?: string | null }): OwnExchange {
  const more = () => (caFile === null ? [] : [readFileSync(caFile, 'utf8')]);
  return createExchange({ ca: () => [...systemAuthorities(), ...more()], now });
}
