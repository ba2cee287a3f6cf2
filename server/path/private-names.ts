// What each of a site's DNS servers says about the names of an upstream, asked one by one as the gateway asks them.
import type { Site } from '#server/core/app.ts';
import { dnsServerText } from '#server/core/dns-server.ts';
import type { Hostname } from '#server/core/hostname.ts';
import type { HeldAnswer, PassedOver, PrivateAnswer, PrivateDnsFacts } from '#server/core/path.ts';
import type { Survey } from '../dial.ts';
import type { Answer } from '../dns/answer.ts';
import type { Exchange } from '../dns/exchange.ts';
import { createResolver } from '../dns/resolve.ts';
import type { Logger } from '../log.ts';
import type { GatewayHolds } from './held-names.ts';

const MAX_SERVERS = 8;

export async function askEachServer(
  site: Site,
  names: readonly Hostname[],
  { exchange, log, now }: { exchange: Exchange; log: Logger; now(): number },
): Promise<PrivateDnsFacts['servers']> {
  return Promise.all(
    site.dnsServers.slice(0, MAX_SERVERS).map(async (server) => {
      const resolver = createResolver({ servers: [server], zones: site.zones, exchange, now, log });
      try {
        const answers = await Promise.all(
          names.map(async (name) => {
            const startedAt = performance.now();
            const answer = await resolver.lookup(name);
            return shownAnswer(name, answer, performance.now() - startedAt);
          }),
        );
        return { server: dnsServerText(server), answers };
      } finally {
        resolver.close();
      }
    }),
  );
}

/** What the gateway's own way of asking came to. */
export function privateFacts(
  { places, site }: Survey,
  servers: PrivateDnsFacts['servers'],
  tookMs: number,
): PrivateDnsFacts {
  return {
    held: [],
    passedOver: [],
    site: site?.name ?? null,
    zones: site?.zones ?? [],
    answers: places.flatMap(({ answer, host, isHeld }) =>
      answer === null ? [] : [{ ...shownAnswer(host, answer, tookMs), heldSince: isHeld ? answeredAt(answer) : null }],
    ),
    literals: places.flatMap(({ literal }) => (literal === null ? [] : [literal])),
    servers,
  };
}

/** What each gateway holds of these names, whether it may still be used as it is or not. */
export function heldAnswers(names: readonly Hostname[], holds: readonly GatewayHolds[]): HeldAnswer[] {
  return holds.flatMap(({ gateway, names: held }) =>
    held
      .filter(({ host }) => names.includes(host))
      .map(({ answer, host }) => ({
        ...{ gateway, host, answeredAt: answeredAt(answer) },
        outcome: answer.kind === 'failure' ? answer.reason : answer.kind,
        addresses: answer.kind === 'addresses' ? answer.addresses : [],
        staleSince: answer.kind === 'addresses' ? answer.staleSince : null,
      })),
  );
}

/** The servers that gateways do not ask at present. */
export function passedOver(holds: readonly GatewayHolds[]): PassedOver[] {
  return holds.flatMap(({ gateway, servers }) =>
    servers.flatMap(({ circuit, lastFailure, server }) =>
      circuit.kind === 'closed'
        ? []
        : { gateway, server: dnsServerText(server), reason: lastFailure?.reason ?? 'timeout', since: circuit.openedAt },
    ),
  );
}

function answeredAt(answer: Answer): number | null {
  return answer.kind === 'failure' ? null : answer.answeredAt;
}

function shownAnswer(host: string, answer: Answer, tookMs: number): PrivateAnswer {
  if (answer.kind === 'failure')
    return {
      host,
      outcome: answer.reason,
      addresses: [],
      chain: [],
      server: null,
      ttlSeconds: null,
      heldSince: null,
      tookMs,
    };
  return {
    host,
    outcome: answer.kind,
    addresses: answer.kind === 'addresses' ? answer.addresses : [],
    chain: answer.chain,
    server: dnsServerText(answer.server),
    ttlSeconds: answer.ttlSeconds,
    heldSince: null,
    tookMs,
  };
}
