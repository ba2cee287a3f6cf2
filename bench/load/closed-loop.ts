// A load process: connections that each send their next request when the last is answered, drawn uniformly from a file of requests.
import { readFileSync } from 'node:fs';
import process from 'node:process';
import { seededRandom } from '#server/core/seeded-random.testing.ts';
import { getRequest, LoadConnection } from './connection.ts';

/** `requestsFile` holds a line `host:port cookie` for every request that may be drawn. With `each`, all are sent once, in their order. */
export type ClosedLoop = {
  port: number;
  path: string;
  bodyBytes: number;
  connections: number;
  requestsFile: string;
} & ({ seconds: number; seed: number } | { each: true });
export type ClosedLoopResult = { answered: number; seconds: number };

const load: ClosedLoop = JSON.parse(process.argv[2] ?? '');
const requests = readFileSync(load.requestsFile, 'utf8')
  .trimEnd()
  .split('\n')
  .map((line) => {
    const [host = '', cookie = ''] = line.split(' ');
    return getRequest(load.path, host, cookie);
  });
const next = 'each' in load ? eachOnce() : drawn(load.seconds, load.seed);
const startedAt = performance.now();
let answered = 0;
let open = load.connections;

const events = {
  onAnswer: (connection: LoadConnection) => {
    answered += 1;
    sendNext(connection);
  },
  onFailure: (why: string) => {
    process.stderr.write(`a request failed: ${why}\n`);
    process.exit(1);
  },
};
for (let at = 0; at < load.connections; at += 1) new LoadConnection(load.port, load.bodyBytes, events, sendNext);

function sendNext(connection: LoadConnection): void {
  const request = next();
  if (request) return connection.send(request);
  connection.close();
  open -= 1;
  if (open > 0) return;
  const result: ClosedLoopResult = { answered, seconds: (performance.now() - startedAt) / 1_000 };
  process.stdout.write(`${JSON.stringify(result)}\n`);
}

function eachOnce(): () => Buffer | undefined {
  let at = 0;
  return () => requests[at++];
}

function drawn(seconds: number, seed: number): () => Buffer | undefined {
  const random = seededRandom(seed);
  const until = performance.now() + seconds * 1_000;
  return () => (performance.now() < until ? requests[Math.floor(random() * requests.length)] : undefined);
}
