// A load process that sends when it is time, whether or not answers have come: what a request waits for counts, from when it was to be sent.
import process from 'node:process';
import { seededRandom } from '#server/core/seeded-random.testing.ts';
import { getRequest, LoadConnection } from './connection.ts';
import { percentile } from './percentile.ts';

export type OpenLoop = {
  port: number;
  host: string;
  path: string;
  cookie: string;
  bodyBytes: number;
  connections: number;
  perSecond: number;
  seconds: number;
};
/** Milliseconds from the intended moment of sending to the last byte of the answer; `stalledMs` is what `clock` left out. */
export type OpenLoopResult = { answered: number; p50: number; p99: number; stalledMs: number };

/** The loop below comes round within this, unless this process is held up itself: by its collector, or by who goes first on its core. */
const TURN_MS = 1;

const load: OpenLoop = JSON.parse(process.argv[2] ?? '');
const request = getRequest(load.path, load.host, load.cookie);
const intended = arrivals(load.perSecond, load.seconds * 1_000);
const took = new Float64Array(intended.length);
/** Those that are connected and wait for something to send. */
const idle: LoadConnection[] = [];
const sentFor = new Map<LoadConnection, number>();
let connected = 0;
let sent = 0;
let answered = 0;
let seenAt = 0;
let runMs = 0;
let stalledMs = 0;

const events = {
  onAnswer: (connection: LoadConnection) => {
    took[answered] = clock() - (intended[sentFor.get(connection) ?? 0] ?? 0);
    answered += 1;
    idle.push(connection);
    if (answered === intended.length) finish();
  },
  onFailure: (why: string) => {
    process.stderr.write(`a request failed: ${why}\n`);
    process.exit(1);
  },
};
for (let at = 0; at < load.connections; at += 1) new LoadConnection(load.port, load.bodyBytes, events, begin);

function begin(connection: LoadConnection): void {
  idle.push(connection);
  connected += 1;
  if (connected < load.connections) return;
  seenAt = performance.now();
  sendDue();
}

/** Milliseconds of the load. It stands still while this process does not run: that is no time that a proxy took. */
function clock(): number {
  const now = performance.now();
  const passed = now - seenAt;
  seenAt = now;
  runMs += Math.min(passed, TURN_MS);
  stalledMs += Math.max(0, passed - TURN_MS);
  return runMs;
}

/** Never sleeps: a timer would be late by up to a millisecond, and the clock would take a wait for one of its own. */
function sendDue(): void {
  const now = clock();
  while (sent < intended.length && (intended[sent] ?? 0) <= now) {
    const connection = idle.pop();
    if (!connection) break;
    sentFor.set(connection, sent);
    sent += 1;
    connection.send(request);
  }
  if (answered < intended.length) setImmediate(sendDue);
}

function finish(): void {
  // The beginning warms up both sides.
  const counted = [...took.subarray(Math.floor(answered / 5))].sort((a, b) => a - b);
  const result: OpenLoopResult = {
    answered,
    p50: percentile(counted, 0.5),
    p99: percentile(counted, 0.99),
    stalledMs,
  };
  process.stdout.write(`${JSON.stringify(result)}\n`, () => process.exit(0));
}

/** Independent people: times between requests are exponential, and the same ones for every contender. */
function arrivals(perSecond: number, forMs: number): Float64Array {
  const times: number[] = [];
  const random = seededRandom(1);
  for (let at = 0; at < forMs; ) {
    at += (-Math.log(1 - random()) * 1_000) / perSecond;
    times.push(at);
  }
  return Float64Array.from(times);
}
