// Which requests may be tried a second time, and how many: a fifth of them and a few, so that retries never double the load of a bad day (U7).
import type { UpstreamRequest } from './upstream.ts';

/** What changes nothing (RFC 9110 §9.2.1). */
const SAFE_METHODS = new Set(['GET', 'HEAD', 'OPTIONS']);

/** Reports whether a request may be sent twice. A body is gone once it was sent. */
export function isRepeatable({ body, method }: UpstreamRequest): boolean {
  return body === null && SAFE_METHODS.has(method);
}

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
