// The change feed: tells a process what another one changed, in order, and knows when it last heard.
import type { ChangeKind } from './words.ts';

/** One raise of the revision. `id` names the user or session; null for the catalogue and for everybody. */
export type Change = { revision: number; kind: ChangeKind; id: string | null };

/** Changes arrive in order and without a gap: a tail that was pruned is delivered as {catalogue} and {people}. */
export type Feed = {
  /** The last revision that was delivered. */
  revision(): number;
  /** When the store last confirmed that there is nothing newer. */
  confirmedAt(): number;
  /** Listeners run synchronously, in order of subscription. Returns the way to end it. */
  subscribe(listener: (changes: readonly Change[]) => void): () => void;
};
