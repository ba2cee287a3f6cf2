// Knocks at a gateway for an app's name, and knows this installation by its signing keys.
import { type IncomingMessage, request as plainRequest, type RequestOptions } from 'node:http';
import { request as tlsRequest } from 'node:https';
import type { Endpoint } from '#server/core/app.ts';
import type { Hostname } from '#server/core/hostname.ts';
import type { GatewayKnock } from '#server/core/path.ts';
import { appOrigin, type Portal } from '#server/core/snapshot.ts';

export type KnockOptions = {
  portal: Portal;
  host: Hostname;
  /** Of the keys that this installation publishes. */
  keyIds: ReadonlySet<string>;
  timeoutMs: number;
  signal?: AbortSignal;
};

const PATH = '/.well-known/foyer/jwks.json';
const MAX_BYTES = 64 * 1_024;

/** Never rejects. Certificates are not looked at: they are a step of their own. */
export async function knock(at: Endpoint, options: KnockOptions): Promise<GatewayKnock> {
  const startedAt = performance.now();
  const result = await ask(at, options).catch((error: unknown) => ({
    outcome: 'silent' as const,
    detail: error instanceof Error ? ('code' in error && String(error.code)) || error.message : String(error),
  }));
  return { ...at, ...result, tookMs: performance.now() - startedAt };
}

type Result = Pick<GatewayKnock, 'outcome' | 'detail'>;

async function ask(at: Endpoint, { host, keyIds, portal, signal, timeoutMs }: KnockOptions): Promise<Result> {
  const within = AbortSignal.timeout(timeoutMs);
  const options: RequestOptions = {
    host: at.address,
    port: at.port,
    path: PATH,
    headers: { host: appOrigin(portal, host).replace(/^https?:\/\//, '') },
    agent: false,
    signal: signal ? AbortSignal.any([signal, within]) : within,
  };
  const { answer, body } = await new Promise<{ answer: IncomingMessage; body: string }>((resolve, reject) => {
    const received = (answer: IncomingMessage) => {
      readBounded(answer).then((body) => resolve({ answer, body }), reject);
    };
    const outgoing =
      portal.scheme === 'https'
        ? tlsRequest({ ...options, servername: host, rejectUnauthorized: false }, received)
        : plainRequest(options, received);
    outgoing.on('error', (error) => reject(within.aborted ? new Error(`no answer within ${timeoutMs} ms`) : error));
    outgoing.end();
  });
  const detail = `HTTP ${answer.statusCode}`;
  if (answer.statusCode === 200 && keyIdsOf(body).some((id) => keyIds.has(id))) return { outcome: 'ours', detail };
  const isFoyer = answer.headers['foyer-support-id'] !== undefined && answer.statusCode === 404;
  return { outcome: isFoyer ? 'app-unknown' : 'foreign', detail };
}

async function readBounded(answer: IncomingMessage): Promise<string> {
  const chunks: Buffer[] = [];
  let bytes = 0;
  for await (const chunk of answer as AsyncIterable<Buffer>) {
    bytes += chunk.length;
    if (bytes > MAX_BYTES) break;
    chunks.push(chunk);
  }
  return Buffer.concat(chunks).toString('utf8');
}

function keyIdsOf(body: string): string[] {
  try {
    const { keys } = JSON.parse(body) as { keys?: unknown };
    return Array.isArray(keys) ? keys.flatMap((key) => (typeof key?.kid === 'string' ? [key.kid] : [])) : [];
  } catch {
    // No JSON is no key set.
    return [];
  }
}
