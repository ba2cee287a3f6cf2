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
/** Milliseconds from the intended moment of sending to the last byte of the answer. */
export type OpenLoopResult = { answered: number; p50: number; p99: number };

const load: OpenLoop = JSON.parse(process.argv[2] ?? '');
const request = getRequest(load.path, load.host, load.cookie);
const intended = arrivals(load.perSecond, load.seconds * 1_000);
const took: number[] = [];
/** Those that are connected and wait for something to send. */
const idle: LoadConnection[] = [];
const sentFor = new Map<LoadConnection, number>();
let connected = 0;
let sent = 0;
let startedAt = 0;

const events = {
  onAnswer: (connection: LoadConnection) => {
    took.push(performance.now() - startedAt - (intended[sentFor.get(connection) ?? 0] ?? 0));
    idle.push(connection);
    if (took.length === intended.length) finish();
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
  startedAt = performance.now();
  sendDue();
}

/** Never sleeps: a timer would be late by up to a millisecond. */
function sendDue(): void {
  const now = performance.now() - startedAt;
  while (sent < intended.length && (intended[sent] ?? 0) <= now) {
    const connection = idle.pop();
    if (!connection) break;
    sentFor.set(connection, sent);
    sent += 1;
    connection.send(request);
  }
  if (sent < intended.length) setImmediate(sendDue);
}

function finish(): void {
  // The beginning warms up both sides.
  const counted = took.slice(Math.floor(took.length / 5)).sort((a, b) => a - b);
  const result: OpenLoopResult = {
    answered: took.length,
    p50: percentile(counted, 0.5),
    p99: percentile(counted, 0.99),
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
