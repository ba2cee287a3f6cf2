// One request of a probe over the checked dialer, its answer read within bounds of bytes and time; and one WebSocket handshake.
import { createHash, randomBytes } from 'node:crypto';
import { type ClientRequest, request as httpRequest, type IncomingMessage } from 'node:http';
import type { App, Upstream } from '#server/core/app.ts';
import { asFault, Fault } from '#server/core/fault.ts';
import type { Portal } from '#server/core/snapshot.ts';
import { upstreamHeaders } from '../http/headers.ts';
import { traceContext } from '../http/trace-context.ts';
import type { UpstreamTarget } from '../http/upstream/upstream.ts';

export type Asked = { status: number; headers: IncomingMessage['headers']; challenges: string[]; body: string };

export type AskContext = {
  app: App;
  upstream: Upstream;
  target: UpstreamTarget;
  portal: Portal;
  /** As a Host header has it. */
  publicAuthority: string;
  clientAddress: string;
  via: string;
  signal: AbortSignal;
};

const MAX_BODY = 256 * 1_024;
const MAX_HEAD = 32 * 1_024;
const EACH_MS = 5_000;

/** `headers` are name, value, name, value. Rejects with a Fault. */
export async function askPage(
  context: AskContext,
  { path, host, headers = [] }: { path: string; host: string; headers?: readonly string[] },
): Promise<Asked> {
  const answer = await new Promise<IncomingMessage>((resolve, reject) => {
    send(context, path, requestHeaders(context, host, headers), reject, (asked) => asked.once('response', resolve));
  });
  const challenges = answer.headersDistinct['www-authenticate'] ?? [];
  return { status: answer.statusCode ?? 0, headers: answer.headers, challenges, body: await bodyOf(answer) };
}

const WEB_SOCKET_GUID = '258EAFA5-E914-47DA-95CA-C5AB0DC85B11';

/** The status of the answer; 101 only when the handshake is right (RFC 6455 §4.1). */
export async function askWebSocket(
  context: AskContext,
  { path, host, origin }: { path: string; host: string; origin: string },
): Promise<number> {
  const key = randomBytes(16).toString('base64');
  const accept = createHash('sha1').update(`${key}${WEB_SOCKET_GUID}`).digest('base64');
  const plain = requestHeaders(context, host, ['Origin', origin]);
  const headers = [
    ...plain,
    ...['Connection', 'Upgrade', 'Upgrade', 'websocket', 'Sec-WebSocket-Version', '13', 'Sec-WebSocket-Key', key],
  ];
  return new Promise((resolve, reject) => {
    send(context, path, headers, reject, (asked) => {
      asked.once('upgrade', ({ headers: received }, socket) => {
        socket.on('error', () => {}).destroy();
        resolve(received['sec-websocket-accept'] === accept ? 101 : 0);
      });
      asked.once('response', (answer) => {
        answer.on('error', () => {}).destroy();
        resolve(answer.statusCode ?? 0);
      });
    });
  });
}

/** Dials, sends, and gives the request to whoever waits for its answer. */
function send(
  { target, signal }: AskContext,
  path: string,
  headers: readonly string[],
  reject: (fault: Fault) => void,
  begun: (asked: ClientRequest) => void,
): void {
  const within = AbortSignal.any([signal, AbortSignal.timeout(EACH_MS)]);
  target
    .connect(target.endpoints, { protocol: 'http/1.1', signal: within })
    .then(({ stream }) => {
      // Without `agent`: with one, even with `false`, Node would dial by itself and leave the checked stream aside.
      const asked = httpRequest({
        createConnection: () => stream,
        path,
        headers: headers as unknown as string[],
        maxHeaderSize: MAX_HEAD,
        signal: within,
      });
      asked.once('close', () => stream.destroy());
      asked.on('error', (cause) => {
        stream.destroy();
        const code = within.aborted
          ? 'upstream-timeout'
          : isParseError(cause)
            ? 'upstream-protocol'
            : 'upstream-closed';
        reject(new Fault(code, { detail: cause.message, cause }));
      });
      begun(asked);
      asked.end();
    })
    .catch((thrown) => reject(asFault(thrown)));
}

function isParseError(cause: Error): boolean {
  return 'code' in cause && String(cause.code).startsWith('HPE_');
}

/** The beginning is enough; what breaks off after it is a page all the same. */
async function bodyOf(answer: IncomingMessage): Promise<string> {
  const chunks: Buffer[] = [];
  let bytes = 0;
  try {
    for await (const chunk of answer as AsyncIterable<Buffer>) {
      chunks.push(chunk);
      bytes += chunk.length;
      if (bytes >= MAX_BODY) break;
    }
  } catch {
    // What came until then is what there is to read.
  }
  answer.destroy();
  return Buffer.concat(chunks).toString('utf8').slice(0, MAX_BODY);
}

/** As for a person, but for who they are: a probe is nobody's visit. */
function requestHeaders(context: AskContext, host: string, more: readonly string[]): string[] {
  const { app, clientAddress, portal, publicAuthority, via } = context;
  const own = ['User-Agent', 'Mozilla/5.0 (compatible; Foyer)', 'Accept', 'text/html,*/*;q=0.8', ...more];
  return upstreamHeaders(own, {
    host,
    trace: traceContext([]),
    receivedOver: '1.1',
    sentOver: 'http/1.1',
    edits: app.traffic.requestHeaders,
    clientAddress,
    scheme: portal.scheme,
    publicAuthority,
    supportId: 'PROBE',
    via,
    assertion: null,
    identity: null,
  });
}
