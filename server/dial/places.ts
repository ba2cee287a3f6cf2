// The places of an upstream, and what DNS says of each.
import { type Address, parseAddress } from '#server/core/address.ts';
import type { Upstream, UpstreamPlace } from '#server/core/app.ts';
import type { AddressRefusal } from '#server/core/check-address.ts';
import { Fault } from '#server/core/fault.ts';
import type { Hostname } from '#server/core/hostname.ts';
import type { Answer } from '#server/dns/answer.ts';

/** `literal`: the address that an admin entered, where there is nothing to ask. */
export type DialPlace = UpstreamPlace & { literal: Address | null };

/** What DNS and the site's check say of one place. */
export type PlaceView = DialPlace & {
  answer: Answer | null;
  addresses: readonly { address: Address; refusal: AddressRefusal | null }[];
  /** Why it has no address. */
  fault: Fault | null;
};

/** One for each place, in their order; null for a literal one. */
export type Answers = readonly (Answer | null)[];

/** For so long after its TTL an answer may count (U6). */
const LAST_KNOWN_MS = 5_000;

export function placesOf({ host, port, replicas }: Upstream): DialPlace[] {
  return [{ host, port }, ...replicas].map((place) => ({ ...place, literal: parseAddress(place.host) }));
}

/**
 * While some of several places are being looked up again, nobody waits for them: what they were a moment ago still counts
 * until the lookup ends. `inspect` gives what is held of a name. Null when there is no such answer for one of them.
 */
export function withLastKnown(
  places: readonly DialPlace[],
  answers: readonly (Answer | null | Promise<Answer>)[],
  inspect: (host: Hostname) => Answer | null,
  now: number,
): Answers | null {
  if (places.length === 1) return null;
  const all: (Answer | null)[] = [];
  for (const [at, { host }] of places.entries()) {
    const answer = answers[at] ?? null;
    const known = answer instanceof Promise ? inspect(host as Hostname) : answer;
    if (answer instanceof Promise && !isRecent(known, now)) return null;
    all.push(known);
  }
  return all;
}

function isRecent(answer: Answer | null, now: number): boolean {
  return answer?.kind === 'addresses' && now - (answer.staleSince ?? now) < LAST_KNOWN_MS;
}

/** Throws the fault of a name that has none. */
export function addressesOf(host: string, answer: Answer): readonly Address[] {
  const detail = `${host}: ${answer.kind === 'failure' ? answer.reason : answer.kind}`;
  switch (answer.kind) {
    case 'addresses':
      return answer.addresses;
    case 'no-such-name':
    case 'no-address':
      throw new Fault('upstream-name-not-found', { detail });
    case 'failure':
      throw new Fault(answer.reason === 'timeout' ? 'upstream-dns-timeout' : 'upstream-dns-failed', { detail });
    default:
      return answer satisfies never;
  }
}
