// Asks every endpoint of an upstream now and then whether it is well: a GET on a connection of its own, without anybody's identity.
import type { App } from '#server/core/app.ts';
import { asFault } from '#server/core/fault.ts';
import type { Connection, ConnectionOwner } from './connection.ts';
import type { Lane } from './lane.ts';
import type { UpstreamHandler, UpstreamStream, UpstreamTarget } from './upstream.ts';
import { UpstreamHttp1Connection } from './upstream-http1-connection.ts';
import { UpstreamHttp2Connection } from './upstream-http2-connection.ts';

/** Longer than this no healthy endpoint takes. */
const TIMEOUT_MS = 5_000;
/** So many endpoints are asked at once. */
const AT_ONCE = 4;
/** Checks of many apps and gateways keep apart: each interval is up to a tenth shorter or longer. */
const JITTER = 0.1;

/** What is checked. */
export type Checked = { readonly target: UpstreamTarget; readonly lanes: readonly Lane[] };

type Check = { connection: Connection | null; abort: AbortController; until: number };

export class HealthCheck {
  settings: App['traffic']['healthCheck'] = null;
  /** The Host that the upstream's last request took, or the first one would take; empty until one of them is known. */
  host = '';
  readonly #checked: Checked;
  readonly #clock: () => number;
  readonly #nextAt = new WeakMap<Lane, number>();
  readonly #running = new Set<Check>();

  constructor(checked: Checked, clock: () => number) {
    this.#checked = checked;
    this.#clock = clock;
  }

  /** Begins what is due and ends what takes too long. */
  sweep(now: number): void {
    for (const check of this.#running) {
      check.connection?.sweep(now);
      if (now >= check.until) check.abort.abort();
    }
    const { settings } = this;
    if (settings === null || this.host === '') return;
    for (const lane of this.#due(now).slice(0, AT_ONCE - this.#running.size)) {
      this.#nextAt.set(lane, now + settings.everyMs * (1 - JITTER + Math.random() * 2 * JITTER));
      void this.#check(lane, settings.path, Math.min(TIMEOUT_MS, settings.everyMs));
    }
  }

  stop(): void {
    this.settings = null;
    for (const { abort, connection } of this.#running) {
      abort.abort();
      connection?.destroy();
    }
  }

  /** The one that has waited longest first: addresses that do not answer never keep the others from their turn. */
  #due(now: number): Lane[] {
    const dueAt = (lane: Lane): number => this.#nextAt.get(lane) ?? 0;
    return this.#checked.lanes.filter((lane) => now >= dueAt(lane)).sort((a, b) => dueAt(a) - dueAt(b));
  }

  async #check(lane: Lane, path: string, timeoutMs: number): Promise<void> {
    const check: Check = { connection: null, abort: new AbortController(), until: this.#clock() + timeoutMs };
    this.#running.add(check);
    const problem = await this.#ask(lane, path, timeoutMs, check).catch((error) => asFault(error).code);
    this.#running.delete(check);
    check.connection?.destroy();
    if (this.settings !== null)
      lane.health.checked(this.#clock(), problem === null ? null : `health check: ${problem}`);
  }

  /** Returns what is wrong; null when nothing is. */
  async #ask(lane: Lane, path: string, timeoutMs: number, check: Check): Promise<string | null> {
    const { target } = this.#checked;
    const { stream, leftMs } = await target.connect([lane.endpoint], { signal: check.abort.signal });
    const owner: ConnectionOwner = { freed: () => {}, gone: () => {} };
    const connection =
      target.protocol === 'h2'
        ? await UpstreamHttp2Connection.open(stream, owner, leftMs, check.abort.signal)
        : new UpstreamHttp1Connection(stream, owner);
    check.connection = connection;
    if (connection.room === 0) return 'upstream-closed';
    return new Promise((resolve) => {
      connection.run(
        {
          method: 'GET',
          target: path,
          headers: ['Host', this.host, 'User-Agent', 'Foyer-Health-Check', 'Accept', '*/*'],
          body: null,
          timeouts: { headers: timeoutMs, idle: timeoutMs },
        },
        new Verdict(resolve),
        this.#clock(),
      );
    });
  }
}

/** The status is what counts: the body is not waited for. */
class Verdict implements UpstreamHandler {
  readonly #tell: (problem: string | null) => void;

  constructor(tell: (problem: string | null) => void) {
    this.#tell = tell;
  }

  carried(_stream: UpstreamStream): void {}
  informed(): void {}

  answered(status: number): void {
    this.#tell(status < 400 ? null : `status ${status}`);
  }

  data(): void {}
  ended(): void {}

  failed({ fault }: { fault: { code: string } }): void {
    this.#tell(fault.code);
  }
}
