// Everything that is being served right now, so that it can end when its permission does.

import type { App } from '#server/core/app.ts';
import type { Hostname } from '#server/core/hostname.ts';

/** One request, stream or socket that an allow decision keeps alive. */
export type LiveEntry = {
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

/** A registry by session. Adding and removing cost a few map operations, since every request passes through. */
export class LiveRegistry {
  readonly #bySession = new Map<string, Set<LiveEntry>>();

  add(entry: LiveEntry): void {
    const entries = this.#bySession.get(entry.sessionId);
    if (entries) entries.add(entry);
    else this.#bySession.set(entry.sessionId, new Set([entry]));
  }

  delete(entry: LiveEntry): void {
    const entries = this.#bySession.get(entry.sessionId);
    entries?.delete(entry);
    if (entries?.size === 0) this.#bySession.delete(entry.sessionId);
  }

  sessionIds(): string[] {
    return [...this.#bySession.keys()];
  }

  /** The entries of one session, as they are now. */
  of(sessionId: string): LiveEntry[] {
    return [...(this.#bySession.get(sessionId) ?? [])];
  }

  all(): LiveEntry[] {
    return [...this.#bySession.values()].flatMap((entries) => [...entries]);
  }

  get size(): number {
    let size = 0;
    for (const entries of this.#bySession.values()) size += entries.size;
    return size;
  }
}
