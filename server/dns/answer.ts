// What a site's private DNS says about a name, as the dialer sees it.
import type { Address } from '#server/core/address.ts';
import type { DnsServerAddress } from '#server/core/app.ts';
import type { ExchangeFailure } from './query.ts';

export type LookupFailure =
  | ExchangeFailure
  /** SERVFAIL or another error code. */
  | 'server-failure'
  | 'server-refused'
  /** The server knows only who else would know. */
  | 'lame'
  | 'alias-loop'
  /** The name, or an alias on its way, is none that this site's servers are asked for. */
  | 'outside-zones'
  | 'no-servers'
  /** So many questions are under way that one more would wait too long. */
  | 'overloaded';

/** Where an answer comes from: the aliases that were followed, the server that gave the last piece, and when (epoch milliseconds). */
type Source = { ttlSeconds: number; answeredAt: number; chain: readonly string[]; server: DnsServerAddress };

/** At least one address, of either family or both; nobody has checked them yet. `staleSince` is when the TTL ended, if no server could be asked since. */
export type AddressAnswer = Source & { kind: 'addresses'; addresses: readonly Address[]; staleSince: number | null };

/** The name does not exist, or it exists and has no address. */
export type AbsentAnswer = Source & { kind: 'no-such-name' | 'no-address' };

export type FailedAnswer = { kind: 'failure'; reason: LookupFailure };

export type Answer = AddressAnswer | AbsentAnswer | FailedAnswer;
