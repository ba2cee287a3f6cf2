// The API's door: a token is read here, in the one place that does; what goes on to Next is the id of its row.
import type { IncomingMessage, ServerResponse } from 'node:http';
import {
  API_PROBLEMS,
  type ApiProblemCode,
  challengeOf,
  PROBLEM_TYPE,
  type ProblemExtra,
  problemBody,
} from '#server/core/api-problem.ts';
import { API_TOKEN_HEADER, tokenForm } from '#server/core/api-token.ts';
import type { Buckets } from '#server/core/buckets.ts';
import type { Logger } from '#server/log.ts';
import { acceptToken } from '#server/store/api-tokens.ts';
import type { Store } from '#server/store/handle.ts';
import { acceptMachine, isMachine } from '#server/store/live-machine.ts';
import { countBadToken } from '#server/store/throttle.ts';
import { API_METHODS, type ApiGate } from './api-gate.ts';

/** Headers that mean something to Next or to a signed-in page, and nothing to the API. */
const REMOVED = ['authorization', 'cookie', 'next-action', 'rsc', 'x-nextjs-data'];

/** What one machine may ask in an hour, and at once: a heartbeat each second, and no more of its names. */
const MACHINE_CALLS_PER_HOUR = 3_600;
const MACHINE_CALLS_AT_ONCE = 120;
const MACHINE_RATE = { perSecond: MACHINE_CALLS_PER_HOUR / 3_600, burst: MACHINE_CALLS_AT_ONCE };
export const MOST_MACHINES_COUNTED = 100_000;

/** Reports whether the request goes on; otherwise it is answered. `calls` counts those of machines, which come by themselves. */
export async function admitToApi(
  passed: ApiGate,
  request: IncomingMessage,
  response: ServerResponse,
  { store, log, calls }: { store: Store; log: Logger; calls: Buckets },
): Promise<boolean> {
  if (passed.kind === 'refuse-api') return refuse(request, response, passed.code);
  const shown = bearerOf(request.rawHeaders);
  if (shown === null) return refuse(request, response, 'token-missing');
  const address = request.headers['x-forwarded-for']?.toString() ?? null;
  const form = tokenForm(shown);
  const id = form === 'whole' ? await accept(store, shown, address) : null;
  if (id !== null) {
    const waitMs = isMachine(id) ? calls.take(id, MACHINE_RATE, store.now()) : 0;
    if (waitMs > 0) {
      response.setHeader('retry-after', String(Math.ceil(waitMs / 1000)));
      return refuse(request, response, 'too-many-calls');
    }
    for (const name of REMOVED) delete request.headers[name];
    request.headers[API_TOKEN_HEADER] = id;
    return true;
  }
  const counted = await countBadToken(store, address);
  if (counted.kind === 'counted')
    return refuse(request, response, form === 'damaged' ? 'token-damaged' : 'token-refused');
  if (counted.isFirst) log.warn({ client: address }, 'an address shows tokens that are not valid: it has to wait');
  response.setHeader('retry-after', String(Math.ceil(counted.retryAfterMs / 1000)));
  return refuse(request, response, 'too-many-tokens');
}

/** A person's token or a machine's: they look the same, and are told apart by who knows them. */
async function accept(store: Store, shown: string, address: string | null): Promise<string | null> {
  return (await acceptToken(store, shown, address)) ?? (await acceptMachine(store, shown));
}

/** RFC 6750 §2.1, once. Null where there is none. */
function bearerOf(rawHeaders: readonly string[]): string | null {
  const values = rawHeaders.filter((_, at) => at % 2 === 1 && rawHeaders[at - 1]?.toLowerCase() === 'authorization');
  if (values.length !== 1) return null;
  return /^Bearer +(\S+)$/i.exec(values[0] ?? '')?.[1] ?? null;
}

function refuse(
  request: IncomingMessage,
  response: ServerResponse,
  code: ApiProblemCode,
  extra: ProblemExtra = {},
): false {
  const challenge = challengeOf(code);
  if (challenge) response.setHeader('www-authenticate', challenge);
  if (code === 'method-not-allowed') response.setHeader('allow', API_METHODS.join(', '));
  // What is left of a refused body is not read.
  response.setHeader('connection', 'close');
  response.writeHead(API_PROBLEMS[code].status, { 'content-type': PROBLEM_TYPE });
  response.end(problemBody(code, request.headers['foyer-request-id']?.toString() ?? null, extra));
  return false;
}
