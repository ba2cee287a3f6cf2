// Everything that is being served right now, so that it can end when its permission does.

import type { App } from '#server/core/app.ts';
import type { Hostname } from '#server/core/hostname.ts';
import type { Outcome } from './exchange.ts';

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
  readonly grantedAt: number;
  /** Epoch milliseconds; the decision's own end, taken over from each later decision. */
  until: number;
  /** Ends it at once. `why` is a decision's reason; `code` is the WebSocket close code where that says too little. */
  cut(why: string, code?: number): void;
};

/** A registry by session. Every request passes through it, so the one entry that most sessions have needs no set around it. */
export class LiveRegistry {
  readonly #bySession = new Map<string, LiveEntry | Set<LiveEntry>>();

  add(entry: LiveEntry): void {
    const held = this.#bySession.get(entry.sessionId);
    if (held === undefined) this.#bySession.set(entry.sessionId, entry);
    else if (held instanceof Set) held.add(entry);
    else this.#bySession.set(entry.sessionId, new Set([held, entry]));
  }

  delete(entry: LiveEntry): void {
    const held = this.#bySession.get(entry.sessionId);
    if (held instanceof Set) {
      held.delete(entry);
      if (held.size === 0) this.#bySession.delete(entry.sessionId);
    } else if (held === entry) this.#bySession.delete(entry.sessionId);
  }

  sessionIds(): string[] {
    return [...this.#bySession.keys()];
  }

  /** The entries of one session, as they are now. */
  of(sessionId: string): LiveEntry[] {
    const held = this.#bySession.get(sessionId);
    if (held === undefined) return [];
    return held instanceof Set ? [...held] : [held];
  }

  all(): LiveEntry[] {
    return [...this.#bySession.values()].flatMap((held) => (held instanceof Set ? [...held] : [held]));
  }

  get size(): number {
    let size = 0;
    for (const held of this.#bySession.values()) size += held instanceof Set ? held.size : 1;
    return size;
  }
}
