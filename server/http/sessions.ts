// Sessions in memory: loaded once, kept current by the change feed, touched at most once a minute.
import { sessionEnd } from '#server/core/authorize.ts';
import type { Session } from '#server/core/identity.ts';

/** `revision` was read before the load, so a change that came in between is noticed. */
export type LoadSession = (id: string) => Promise<{ session: Session; revision: number } | null>;

/** A load under way, and the newest change that may concern it: what was read before that change is not believed. */
type Loading = { result: Promise<Session | null>; changedAt: number };

const TOUCH_EVERY_MS = 60_000;
const MAX_REMEMBERED = 200_000;
const MAX_LOADS = 6;

export class SessionCache {
  readonly #load: LoadSession;
  readonly #known = new Map<string, Session | null>();
  readonly #loading = new Map<string, Loading>();
  readonly #touched = new Map<string, number>();
  #changedAt = 0;

  constructor(load: LoadSession) {
    this.#load = load;
  }

  /** The session, or null when it is over or never was. A value when it is in memory, else a promise. */
  get(id: string, now: number): Session | null | Promise<Session | null> {
    const known = this.#known.get(id);
    if (known === undefined) return this.#fetch(id);
    if (known === null) return null;
    // Another process may have seen this person since; and the store forgets one that is over, so that no clock revives it.
    return sessionEnd(known, now) === null ? known : this.#fetch(id);
  }

  /** What is in memory, as it is. */
  peek(id: string): Session | null {
    return this.#known.get(id) ?? null;
  }

  /** How many are in memory, those included that are known to be over. */
  get size(): number {
    return this.#known.size;
  }

  /** Records that a person was active, for the idle time and the next `takeTouched`. */
  touch(session: Session, now: number): void {
    if (now - session.lastSeenAt < TOUCH_EVERY_MS) return;
    session.lastSeenAt = now;
    this.#touched.set(session.id, now);
  }

  /** What to write to the store since the last call. */
  takeTouched(): { id: string; at: number }[] {
    const touched = [...this.#touched].map(([id, at]) => ({ id, at }));
    this.#touched.clear();
    return touched;
  }

  /** What could not be written comes with the next `takeTouched`, unless something later does. */
  giveBack(touched: readonly { id: string; at: number }[]): void {
    for (const { id, at } of touched) if (!this.#touched.has(id)) this.#touched.set(id, at);
  }

  /** Forgets what a change made stale. Returns the ids that have to be decided again. */
  invalidate(change: { revision: number; kind: 'user' | 'session' | 'people'; id: string | null }): string[] {
    this.#changedAt = Math.max(this.#changedAt, change.revision);
    for (const [id, loading] of this.#loading) {
      if (change.kind !== 'session' || change.id === id) loading.changedAt = this.#changedAt;
    }
    if (change.kind === 'session') {
      if (change.id !== null) this.#known.delete(change.id);
      return change.id === null ? [] : [change.id];
    }
    const ids: string[] = [];
    for (const [id, session] of this.#known) {
      if (change.kind === 'user' && session?.identity.userId !== change.id) continue;
      this.#known.delete(id);
      ids.push(id);
    }
    return ids;
  }

  #fetch(id: string): Promise<Session | null> {
    const under = this.#loading.get(id);
    if (under) return under.result;
    const loading: Loading = { result: Promise.resolve(null), changedAt: this.#changedAt };
    this.#loading.set(id, loading);
    loading.result = this.#loadCurrent(id, loading).finally(() => this.#loading.delete(id));
    return loading.result;
  }

  /** Loads until nothing that concerns this session changed while the load was under way. Rejects when that never comes. */
  async #loadCurrent(id: string, loading: Loading): Promise<Session | null> {
    for (let attempt = 0; attempt < MAX_LOADS; attempt += 1) {
      const loaded = await this.#load(id);
      if (loaded && loaded.revision < loading.changedAt) continue;
      const session = loaded?.session ?? null;
      if (this.#known.size >= MAX_REMEMBERED) this.#forgetOldest();
      this.#known.delete(id);
      this.#known.set(id, session);
      return session;
    }
    throw new Error('The session changed each time it was read.');
  }

  #forgetOldest(): void {
    const oldest = this.#known.keys().next().value;
    if (oldest !== undefined) this.#known.delete(oldest);
  }
}
