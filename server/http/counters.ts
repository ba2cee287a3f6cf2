// What one gateway process counts: plain numbers that a finished request raises, read when somebody asks for metrics.
import { type Decision, REASONS } from '#server/core/authorize.ts';
import { FAULTS } from '#server/core/fault.ts';
import { type AccessLine, REFUSED_UPGRADE } from './access-log.ts';
import { Histogram } from './histogram.ts';

/** How a request ended. `cut`: it was being served when its permission ended. `aborted`: its client left before an answer. */
export const OUTCOMES = [
  ...['forwarded', 'portal', 'answered', 'sign-in', 'denied', 'unavailable', 'refused', 'failed', 'cut', 'aborted'],
] as const;
export const PROTOCOLS = ['HTTP/1.1', 'HTTP/2', 'WebSocket'] as const;
/** By the status's first digit; `none` is a request that got no answer. */
export const CODES = ['none', '1xx', '2xx', '3xx', '4xx', '5xx'] as const;
/** One app's numbers; `requests` is indexed by `cell`. What belongs to no app, the portal included, is under `none`. */
export type AppCounts = { requests: Float64Array; seconds: Histogram; sent: number; received: number };

/** So many apps are told apart; what more there are is counted as one, under `OTHER`. */
export const MAX_APPS = 500;
export const OTHER = 'other';
const NO_APP = 'none';
const WEB_SOCKET = PROTOCOLS.indexOf('WebSocket');
const ANSWERED = OUTCOMES.indexOf('answered');
const FIRST_UNSERVED = OUTCOMES.indexOf('sign-in');
const REFUSED = OUTCOMES.indexOf('refused');
const LAST_UNSERVED = OUTCOMES.indexOf('failed');
const CUT = OUTCOMES.indexOf('cut');
const ABORTED = OUTCOMES.indexOf('aborted');

const REQUEST_SECONDS = [0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1, 2.5, 10];
const UPSTREAM_SECONDS = [0.001, 0.0025, 0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1, 2.5, 10, 30];
const CONNECT_SECONDS = [0.001, 0.0025, 0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1, 2.5, 5];

type OutcomeName = (typeof OUTCOMES)[number];

/** Raising one costs some tens of nanoseconds: no label objects, no strings made, one map lookup for each label that is text. */
export class Counters {
  readonly apps = new Map<string, AppCounts>();
  /** Requests that were not served, by their access line's reason. */
  readonly refusals = new Map<string, number>();
  readonly decisions = new Map<string, { kind: Decision['kind']; count: number }>();
  readonly upstreamFailures = new Map<string, number>();
  readonly upstreamSeconds = new Histogram(UPSTREAM_SECONDS);
  readonly connectSeconds = new Histogram(CONNECT_SECONDS);
  readonly alarms = new Map<string, number>();
  upstreamRetries = 0;
  /** WebSockets that are open now. */
  webSockets = 0;

  /** One request that is over. */
  finished(line: AccessLine): void {
    const { ms, reason, status, upstreamMs } = line;
    const counts = this.#countsOf(line.app ?? NO_APP);
    const protocol = status === 101 ? WEB_SOCKET : line.protocol === 'HTTP/2' ? 1 : 0;
    const outcome = outcomeOf(reason, status, upstreamMs !== null);
    const at = cell((status / 100) | 0, protocol, outcome);
    counts.requests[at] = (counts.requests[at] ?? 0) + 1;
    counts.sent += line.bytes;
    counts.received += line.received;
    // How long a person keeps a WebSocket open says nothing of how fast anything is.
    if (protocol !== WEB_SOCKET) counts.seconds.add(ms / 1_000);
    if (upstreamMs !== null) this.upstreamSeconds.add(upstreamMs / 1_000);
    this.upstreamRetries += line.retries;
    if (outcome >= FIRST_UNSERVED && outcome <= LAST_UNSERVED) this.refused(reason);
  }

  /** A request that was not served; also one that was refused before there was anything to serve. */
  refused(reason: string): void {
    raise(this.refusals, reason);
  }

  /** Every decision, those about what is already open included. */
  decided({ kind, reason }: Decision): void {
    const known = this.decisions.get(reason);
    if (known) known.count += 1;
    else this.decisions.set(reason, { kind, count: 1 });
  }

  alarm(reason: string): void {
    raise(this.alarms, reason);
  }

  connected(ms: number): void {
    this.connectSeconds.add(ms / 1_000);
  }

  /** A connection to an upstream that did not come about, or an answer that did not; `code` is a fault's. */
  upstreamFailed(code: string): void {
    raise(this.upstreamFailures, code);
  }

  #countsOf(app: string): AppCounts {
    const known = this.apps.get(app);
    if (known) return known;
    if (this.apps.size >= MAX_APPS && app !== OTHER) return this.#countsOf(OTHER);
    const cells = CODES.length * PROTOCOLS.length * OUTCOMES.length;
    const made = { requests: new Float64Array(cells), seconds: new Histogram(REQUEST_SECONDS), sent: 0, received: 0 };
    this.apps.set(app, made);
    return made;
  }
}

/** The place in `AppCounts.requests`, by the places in CODES, PROTOCOLS and OUTCOMES. */
export function cell(code: number, protocol: number, outcome: number): number {
  const known = code < CODES.length ? code : 0;
  return (known * PROTOCOLS.length + protocol) * OUTCOMES.length + outcome;
}

/** Reasons are words of ours, so there are few; a bug that made them many would end here. */
const MAX_REASONS = 200;

function raise(counts: Map<string, number>, key: string): void {
  const known = counts.get(key);
  if (known !== undefined || counts.size < MAX_REASONS) counts.set(key, (known ?? 0) + 1);
  else counts.set(OTHER, (counts.get(OTHER) ?? 0) + 1);
}

const outcomes = new Map<string, number>(outcomesByReason());

/**
 * A permission that ends while its request is served leaves the reason of a refusal on a line with an upstream's answer, or
 * with none. Whoever was let in and got none has left.
 */
function outcomeOf(reason: string, status: number, answered: boolean): number {
  const outcome = outcomes.get(reason) ?? ANSWERED;
  if (status === 0 && outcome < FIRST_UNSERVED) return ABORTED;
  return (answered || status === 0) && outcome >= FIRST_UNSERVED && outcome < REFUSED ? CUT : outcome;
}

function* outcomesByReason(): Generator<[string, number]> {
  const named = (name: OutcomeName) => OUTCOMES.indexOf(name);
  yield ['', named('aborted')];
  yield ['portal', named('portal')];
  yield ['gateway-stopping', named('cut')];
  yield ['ended-by-admin', named('cut')];
  for (const reason of REASONS.allow) yield [reason, named('forwarded')];
  yield [REFUSED_UPGRADE, named('forwarded')];
  for (const reason of REASONS.signIn) yield [reason, named('sign-in')];
  for (const reason of REASONS.deny) yield [reason, named('denied')];
  for (const reason of REASONS.unavailable) yield [reason, named('unavailable')];
  for (const [code, { status }] of Object.entries(FAULTS)) yield [code, named(status < 500 ? 'refused' : 'failed')];
}
