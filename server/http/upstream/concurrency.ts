// How many requests run at an app at once, in all and of one person; a few more wait a moment for their turn (R8).

export type ConcurrencyLimits = {
  app: number;
  person: number;
  /** How many may wait; one person's may take half of it. */
  queue: number;
  waitMs: number;
};

/** `person` null counts for the app alone. */
export type Waiter = { readonly person: string | null };

type Waiting<W> = { waiter: W; until: number };

/** One app's. Every time is an argument. */
export class Concurrency<W extends Waiter> {
  limits: ConcurrencyLimits;
  #running = 0;
  /** Whose requests run, as long as they are one person's; the others are counted in a map, which most apps never need. */
  #person: string | null = null;
  #ofPerson = 0;
  #ofOthers: Map<string, number> | null = null;
  readonly #queue: Waiting<W>[] = [];

  constructor(limits: ConcurrencyLimits) {
    this.limits = limits;
  }

  get running(): number {
    return this.#running;
  }

  get waiting(): number {
    return this.#queue.length;
  }

  /** How many wait of those that `is` holds for. */
  waitingWhere(is: (waiter: W) => boolean): number {
    return this.#queue.reduce((sum, { waiter }) => sum + (is(waiter) ? 1 : 0), 0);
  }

  /** `run`: it holds a place until `leave`. `wait`: a later `leave` or `expired` gives it back. `full`: neither. */
  enter(waiter: W, now: number): 'run' | 'wait' | 'full' {
    if (this.#hasPlaceFor(waiter)) {
      this.#take(waiter);
      return 'run';
    }
    const { queue, waitMs } = this.limits;
    if (this.#queue.length >= queue) return 'full';
    const own = waiter.person === null ? 0 : this.#queue.filter((each) => each.waiter.person === waiter.person).length;
    if (own >= queue / 2) return 'full';
    this.#queue.push({ waiter, until: now + waitMs });
    return 'wait';
  }

  /** Gives a place back. Returns who holds it from here on, if anybody waited for it. */
  leave({ person }: Waiter): W | null {
    this.#running -= 1;
    if (person !== null) this.#add(person, -1);
    if (this.#queue.length === 0) return null;
    const at = this.#queue.findIndex(({ waiter }) => this.#hasPlaceFor(waiter));
    const [next] = at === -1 ? [] : this.#queue.splice(at, 1);
    if (next === undefined) return null;
    this.#take(next.waiter);
    return next.waiter;
  }

  /** Takes out one that waits. */
  remove(waiter: W): void {
    const at = this.#queue.findIndex((each) => each.waiter === waiter);
    if (at !== -1) this.#queue.splice(at, 1);
  }

  /** Takes out everyone who has waited too long. */
  expired(now: number): W[] {
    if (this.#queue.length === 0) return [];
    const over = this.#queue.filter(({ until }) => now >= until).map(({ waiter }) => waiter);
    for (const waiter of over) this.remove(waiter);
    return over;
  }

  #hasPlaceFor({ person }: W): boolean {
    if (this.#running >= this.limits.app) return false;
    return person === null || this.#of(person) < this.limits.person;
  }

  #take({ person }: W): void {
    this.#running += 1;
    if (person !== null) this.#add(person, 1);
  }

  #of(person: string): number {
    return person === this.#person ? this.#ofPerson : (this.#ofOthers?.get(person) ?? 0);
  }

  #add(person: string, change: 1 | -1): void {
    if (this.#ofPerson === 0 && !this.#ofOthers?.has(person)) this.#person = person;
    if (person === this.#person) {
      this.#ofPerson += change;
      return;
    }
    this.#ofOthers ??= new Map();
    const left = (this.#ofOthers.get(person) ?? 0) + change;
    if (left > 0) this.#ofOthers.set(person, left);
    else this.#ofOthers.delete(person);
  }
}
