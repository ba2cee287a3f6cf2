// Whether an endpoint deserves requests: real traffic ejects it for a while, one request tries it again, health checks have their say.
import type { FaultCode } from '#server/core/fault.ts';

/** This many failures in a row eject an endpoint (U8). */
export const FAILURES = 5;
/** How long the first ejection lasts; each further one twice as long as the one before. */
export const EJECTION_MS = 30_000;
export const MAX_EJECTION_MS = 5 * 60_000;
/** After a failed health check, this many good ones in a row make an endpoint well again. */
const GOOD_CHECKS = 2;

/** Answers that say the endpoint is not well (RFC 9110 §15.6). */
const UNWELL = new Set([502, 503, 504]);

/** Failures that are the endpoint's; the others are ours or the client's. */
const ENDPOINTS_FAULT = new Set<FaultCode>([
  'upstream-closed',
  'upstream-timeout',
  'upstream-protocol',
  'upgrade-failed',
]);

export function saysUnwell(status: number): boolean {
  return UNWELL.has(status);
}

export function isEndpointsFault(code: FaultCode): boolean {
  return ENDPOINTS_FAULT.has(code);
}

export type EndpointState = 'well' | 'ejected' | 'probing' | 'failing';

/** Every time is an argument, milliseconds of one clock that never goes back. */
export class EndpointHealth {
  #failures = 0;
  #ejections = 0;
  #ejectedAt = 0;
  /** 0 while it is not ejected. */
  #ejectedUntil = 0;
  #recoveredAt = 0;
  #isProbed = false;
  /** Good checks that are still needed; 0 while the health check has nothing against it. */
  #checksNeeded = 0;
  #checkedAt = 0;
  readonly #bornAt: number;
  #lastFailure: { why: string; at: number } | null = null;

  constructor(now: number) {
    this.#bornAt = now;
  }

  get lastFailure(): { why: string; at: number } | null {
    return this.#lastFailure;
  }

  /** Reports whether it takes requests while others are well: also the single one that tries it after an ejection. */
  isUsable(now: number): boolean {
    if (this.#checksNeeded > 0) return false;
    return this.#ejectedUntil === 0 || (now >= this.#ejectedUntil && !this.#isProbed);
  }

  /** Reports whether the last thing heard of it is a failure. */
  get hasJustFailed(): boolean {
    return this.#failures > 0 || this.#ejectedUntil !== 0 || this.#checksNeeded > 0;
  }

  /** A request goes there. Returns true when it is the one that tries an endpoint after its ejection: to be told in `ended`. */
  began(now: number): boolean {
    if (this.#ejectedUntil === 0 || now < this.#ejectedUntil || this.#isProbed) return false;
    this.#isProbed = true;
    return true;
  }

  /** The request that tried it is over, whatever came of it. */
  probeEnded(): void {
    this.#isProbed = false;
  }

  /** An answer that is no failure came to a request of `startedAt`. */
  succeeded(now: number, startedAt: number): void {
    this.#failures = this.#ejectedUntil === 0 ? 0 : this.#failures;
    // What began before the ejection says nothing about the time after it.
    if (this.#ejectedUntil === 0 || startedAt < this.#ejectedAt) return;
    this.#ejectedUntil = 0;
    this.#failures = 0;
    this.#recoveredAt = now;
  }

  failed(now: number, startedAt: number, why: string): void {
    this.#lastFailure = { why, at: now };
    if (this.#ejectedUntil !== 0) {
      if (now >= this.#ejectedUntil && startedAt >= this.#ejectedAt) this.#eject(now);
      return;
    }
    this.#failures += 1;
    if (this.#failures >= FAILURES) this.#eject(now);
  }

  checked(now: number, problem: string | null): void {
    const wasFailing = this.#checksNeeded > 0;
    if (problem !== null) {
      this.#lastFailure = { why: problem, at: now };
      this.#checksNeeded = GOOD_CHECKS;
    } else if (wasFailing) this.#checksNeeded -= 1;
    if (wasFailing !== this.#checksNeeded > 0) this.#checkedAt = now;
  }

  /** It is not checked any more: what checks found out counts no longer, since none would ever take it back. */
  unchecked(now: number): void {
    if (this.#checksNeeded > 0) this.#checkedAt = now;
    this.#checksNeeded = 0;
  }

  state(now: number): { state: EndpointState; since: number } {
    if (this.#ejectedUntil !== 0) {
      return now < this.#ejectedUntil
        ? { state: 'ejected', since: this.#ejectedAt }
        : { state: 'probing', since: this.#ejectedUntil };
    }
    if (this.#checksNeeded > 0) return { state: 'failing', since: this.#checkedAt };
    return { state: 'well', since: Math.max(this.#bornAt, this.#recoveredAt, this.#checkedAt) };
  }

  #eject(now: number): void {
    const hasBeenWell = this.#ejectedUntil === 0 && now - this.#recoveredAt >= MAX_EJECTION_MS;
    this.#ejections = hasBeenWell ? 1 : this.#ejections + 1;
    this.#failures = 0;
    this.#isProbed = false;
    this.#ejectedAt = now;
    this.#ejectedUntil = now + Math.min(EJECTION_MS * 2 ** (this.#ejections - 1), MAX_EJECTION_MS);
  }
}
