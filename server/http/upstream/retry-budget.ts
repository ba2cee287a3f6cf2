// How many requests may be tried a second time: a fifth of them and a few, so that retries never double the load of a bad day (U7).

/** What each request adds. */
const SHARE = 0.2;
const MOST = 50;

export class RetryBudget {
  #tokens = MOST;

  requested(): void {
    if (this.#tokens < MOST) this.#tokens += SHARE;
  }

  /** Reports whether one more retry is within the budget, and takes it. */
  take(): boolean {
    if (this.#tokens < 1) return false;
    this.#tokens -= 1;
    return true;
  }
}
