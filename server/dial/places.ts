// The places of an upstream, and what DNS says of each.
import { type Address, parseAddress } from '#server/core/address.ts';
import type { Upstream, UpstreamPlace } from '#server/core/app.ts';
import type { AddressRefusal } from '#server/core/check-address.ts';
import { Fault } from '#server/core/fault.ts';
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

export function placesOf({ host, port, replicas }: Upstream): DialPlace[] {
  return [{ host, port }, ...replicas].map((place) => ({ ...place, literal: parseAddress(place.host) }));
}

/**
 * While some of several places are being looked up again, nobody waits for them: what they were a moment ago still counts
 * until the lookup ends. Null when there is no such answer for one of them.
 */
export function withLastKnown(answers: readonly (Answer | null | Promise<Answer>)[], known: Answers): Answers | null {
  if (answers.length === 1) return null;
  const all = answers.map((answer, at) => (answer instanceof Promise ? known[at] : answer));
  if (all.some((answer, at) => answers[at] instanceof Promise && answer?.kind !== 'addresses')) return null;
  return all as Answers;
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
