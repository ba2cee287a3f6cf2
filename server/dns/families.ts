// Puts the answers about IPv4 and IPv6 addresses of one name together.
import type { AddressAnswer, Answer } from './answer.ts';

/** RFC 8305 §3: how long the addresses of one family wait for those of the other. */
const RESOLUTION_DELAY_MS = 50;

/** The addresses of one family when the other is more than the resolution delay behind; null when there is nothing to go ahead with. */
export async function firstFamily(ipv4: Promise<Answer>, ipv6: Promise<Answer>): Promise<AddressAnswer | null> {
  const both = Promise.all([ipv4, ipv6]).then(() => null);
  const first = await Promise.race([ipv4, ipv6]);
  if (first.kind !== 'addresses') return both;
  const { promise: delay, resolve: end } = Promise.withResolvers<AddressAnswer>();
  const timer = setTimeout(() => end(first), RESOLUTION_DELAY_MS);
  const winner = await Promise.race([both, delay]);
  clearTimeout(timer);
  return winner;
}

/**
 * Addresses of either family are an answer (RFC 4074 §4: some servers get the other one wrong). Without any, a failure hides what that family may
 * have had; without a failure, the name that one family calls absent is absent.
 */
export function mergeFamilies(ipv4: Answer, ipv6: Answer): Answer {
  if (ipv4.kind === 'addresses' && ipv6.kind === 'addresses') {
    const ttlSeconds = Math.min(ipv4.ttlSeconds, ipv6.ttlSeconds);
    const answeredAt = Math.min(ipv4.answeredAt, ipv6.answeredAt);
    return { ...ipv4, addresses: [...ipv6.addresses, ...ipv4.addresses], ttlSeconds, answeredAt };
  }
  const byStrength = ['addresses', 'failure', 'no-such-name', 'no-address'] as const;
  return byStrength.indexOf(ipv6.kind) < byStrength.indexOf(ipv4.kind) ? ipv6 : ipv4;
}
