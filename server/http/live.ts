// Everything that is being served right now, so that it can end when its permission does.

import type { App } from '#server/core/app.ts';
import type { Hostname } from '#server/core/hostname.ts';
import type { Outcome } from './exchange.ts';
import type { SignedIn } from './proof.ts';
import type { Visit } from './visit.ts';

/** One request, stream or socket that an allow decision keeps alive. */
export type LiveEntry = {
  /** The support id of its request. */
  readonly id: string;
  readonly kind: 'request' | 'websocket';
  /** Epoch milliseconds. */
  readonly since: number;
  /** How much was sent to the browser so far, among what else its access line will say. */
  readonly outcome: Outcome;
  readonly sessionId: string;
  readonly host: Hostname;
  /** As it was when this began: another upstream or a host that is gone ends it too. */
  readonly app: App;
  /** Path and query; they say which of the app's upstreams it is with. */
  readonly target: string;
  readonly grantedAt: number;
  /** Epoch milliseconds; the decision's own end, taken over from each later decision. */
  until: number;
  /** Where the registry keeps it; nobody else's business. */
  slot: number;
  /** Ends it at once. `why` is a decision's reason; `code` is the WebSocket close code where that says too little. */
  cut(why: string, code?: number): void;
};

type LiveVisit = Pick<Visit, 'app' | 'host' | 'outcome'> & {
  exchange: Pick<Visit['exchange'], 'receivedAt' | 'supportId' | 'target'>;
};

export function liveEntryOf(
  { app, exchange, host, outcome }: LiveVisit,
  proof: SignedIn,
  until: number,
  kind: LiveEntry['kind'],
  cut: LiveEntry['cut'],
): LiveEntry {
  return {
    id: exchange.supportId,
    kind,
    since: exchange.receivedAt,
    outcome,
    sessionId: proof.session.id,
    host,
    app,
    target: exchange.target,
    grantedAt: proof.grantedAt,
    until,
    slot: -1,
    cut,
  };
}

/**
 * An array, although they are asked for by session: every request passes through it, and a Map leaves its old tables behind,
 * each of which keeps what it held, and the next table, from being collected before the whole heap is.
 */
export class LiveRegistry {
  readonly #entries: LiveEntry[] = [];

  add(entry: LiveEntry): void {
    entry.slot = this.#entries.length;
    this.#entries.push(entry);
  }

  /** The last one takes its slot. */
  delete(entry: LiveEntry): void {
    if (!this.has(entry)) return;
    const last = this.#entries.pop() as LiveEntry;
    if (last === entry) return;
    this.#entries[entry.slot] = last;
    last.slot = entry.slot;
  }

  has(entry: LiveEntry): boolean {
    return this.#entries[entry.slot] === entry;
  }

  sessionIds(): string[] {
    return [...new Set(this.#entries.map(({ sessionId }) => sessionId))];
  }

  /** The entries of these sessions, as they are now. */
  of(sessionIds: ReadonlySet<string>): Map<string, LiveEntry[]> {
    return Map.groupBy(
      this.#entries.filter(({ sessionId }) => sessionIds.has(sessionId)),
      ({ sessionId }) => sessionId,
    );
  }

  all(): LiveEntry[] {
    return this.#entries.slice();
  }

  get size(): number {
    return this.#entries.length;
  }
}
