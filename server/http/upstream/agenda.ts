// What has to be looked at later, in the order of its time: whoever sleeps costs nothing until then.

/** How many there are makes no difference to any call; `due` returns what was added for then, in no order within a tick. */
export class Agenda<T> {
  readonly #tickMs: number;
  readonly #byTick = new Map<number, T[]>();
  /** The last one that was looked at. */
  #tick: number;

  constructor(tickMs: number, now: number) {
    this.#tickMs = tickMs;
    this.#tick = Math.floor(now / tickMs);
  }

  /** What is due already comes with the next tick. */
  add(item: T, at: number): void {
    const tick = Math.max(Math.ceil(at / this.#tickMs), this.#tick + 1);
    const others = this.#byTick.get(tick);
    if (others === undefined) this.#byTick.set(tick, [item]);
    else others.push(item);
  }

  /** Takes out everything that was added for a time up to now. */
  due(now: number): T[] {
    const upTo = Math.floor(now / this.#tickMs);
    const found: T[] = [];
    if (upTo - this.#tick > this.#byTick.size) {
      // After a long sleep of the machine there are more ticks than entries.
      for (const tick of [...this.#byTick.keys()]) if (tick <= upTo) this.#take(tick, found);
    } else for (let tick = this.#tick + 1; tick <= upTo; tick += 1) this.#take(tick, found);
    this.#tick = Math.max(this.#tick, upTo);
    return found;
  }

  #take(tick: number, into: T[]): void {
    for (const item of this.#byTick.get(tick) ?? []) into.push(item);
    this.#byTick.delete(tick);
  }
}
