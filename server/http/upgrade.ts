// A WebSocket through the gateway: the same route, grant and decision as any request, then the upstream's own 101, then bytes.
import { createHash } from 'node:crypto';
import { type IncomingMessage, request, STATUS_CODES } from 'node:http';
import { type Duplex, pipeline } from 'node:stream';
import { asFault, Fault, type FaultCode } from '#server/core/fault.ts';
import type { Snapshot } from '#server/core/snapshot.ts';
import { upstreamOf } from '#server/core/upstream-of.ts';
import { accessLine, newOutcome, REFUSED_UPGRADE } from './access-log.ts';
import { auditOnceAMinute } from './capped-audit.ts';
import { decide } from './decide.ts';
import type { Outcome } from './exchange.ts';
import type { GatewayContext } from './gateway-context.ts';
import { isReservedTarget } from './handshake.ts';
import { headerValue, headerValues } from './header-names.ts';
import { clientHeaders, countVia } from './headers.ts';
import { lingeringClose } from './lingering-close.ts';
import type { UpgradeRequest } from './listen.ts';
import { liveEntryOf } from './live.ts';
import { MAINTENANCE_RETRY_SECONDS } from './maintenance.ts';
import { mapAnswer } from './map-answer.ts';
import { placeOf, type Way, wayTo } from './place.ts';
import { proofOf, type SignedIn } from './proof.ts';
import { redecide } from './redecide.ts';
import { auditReplay } from './replay.ts';
import { isOwnOrigin, RETRY_AFTER_SECONDS, rawRefusal } from './respond.ts';
import { upstreamFault } from './upstream-fault.ts';
import { upstreamRequest, upstreamTimeouts } from './upstream-request.ts';
import type { Visit } from './visit.ts';
import { joinWebSockets } from './websocket-join.ts';

/** RFC 6455 §1.3. */
const ACCEPT_GUID = '258EAFA5-E914-47DA-95CA-C5AB0DC85B11';
/** RFC 6455 §7.4.1 and the private range: why we end a socket. */
const POLICY_VIOLATION = 1008;
const SESSION_OVER = 4401;

type UpgradeVisit = Omit<Visit, 'exchange'> & { exchange: UpgradeRequest };

/** Serves one opening handshake to the end of its socket. Never rejects. */
export async function handleUpgrade(gateway: GatewayContext, exchange: UpgradeRequest): Promise<void> {
  const outcome = newOutcome();
  const startedAt = performance.now();
  exchange.socket.once('close', () => gateway.access(accessLine(exchange, outcome, performance.now() - startedAt)));
  try {
    await serve(gateway, gateway.snapshot(), exchange, outcome);
  } catch (thrown) {
    const fault = asFault(thrown);
    if (fault.status >= 500) {
      gateway.log.warn({ support: exchange.supportId, fault: fault.code, detail: fault.detail }, 'upgrade failed');
    }
    refuse(exchange, outcome, fault.code);
  }
}

async function serve(
  gateway: GatewayContext,
  snapshot: Snapshot,
  exchange: UpgradeRequest,
  outcome: Outcome,
): Promise<void> {
  const now = exchange.receivedAt;
  const place = placeOf(snapshot, exchange.hostname);
  if (place === null || exchange.scheme !== snapshot.portal.scheme) throw new Fault('host-unknown');
  const { app, host } = place;
  outcome.appId = app.id;
  if (isReservedTarget(exchange.target)) throw new Fault('not-found');
  const origins = headerValues(exchange.headers, 'origin');
  if (origins.length !== 1 || !isOwnOrigin(app, snapshot.portal, origins[0] ?? '')) throw new Fault('origin-refused');

  const proof = await proofOf(gateway, exchange, app, host, now);
  const decision = decide(gateway, snapshot, app, proof, now, place);
  if (proof.kind === 'session') outcome.userId = proof.session.identity.userId;
  if (decision.kind === 'unavailable') throw new Fault('unavailable', { detail: decision.reason });
  if (decision.kind === 'allow' && proof.kind === 'session') {
    const visit: UpgradeVisit = { gateway, snapshot, now, exchange, outcome, app, host, place };
    outcome.reason = decision.reason;
    return open(visit, proof, decision.until);
  }
  if (decision.kind === 'deny' && proof.kind === 'session') {
    const { supportId, clientAddress } = exchange;
    const { identity } = proof.session;
    auditOnceAMinute(gateway, {
      level: 'info',
      action: 'access-refused',
      identity,
      app,
      outcome: 'refused',
      reason: decision.reason,
      supportId,
      clientAddress,
    });
    return refuse(exchange, outcome, 'access-denied', decision.reason);
  }
  if (decision.reason === 'grant-invalid') void auditReplay({ app, exchange, gateway, now, snapshot });
  refuse(exchange, outcome, 'sign-in-needed', decision.reason);
}

async function open(visit: UpgradeVisit, proof: SignedIn, until: number): Promise<void> {
  const { app, exchange, gateway, outcome, place } = visit;
  const { socket } = exchange;
  if (countVia(exchange.headers, gateway.via) > 1) throw new Fault('loop-detected');
  // Gone while its session was read: there is nobody to serve.
  if (socket.destroyed) return;
  let end: End = () => socket.destroy();
  // Registered before anything is awaited: a change that comes while the upstream is dialled counts too.
  const entry = liveEntryOf(visit, proof, until, 'websocket', (why, code = closeCode(why)) => {
    outcome.reason = why;
    end(code, why);
  });
  gateway.live.add(entry);
  // The catalogue may have changed while the session was read, before there was anything to end.
  if (gateway.snapshot() !== visit.snapshot) void redecide(gateway, [proof.session.id]);
  const gone = new AbortController();
  socket.once('close', () => {
    gateway.live.delete(entry);
    gone.abort();
  });

  if (app.traffic.maintenance !== null) throw new Fault('maintenance');
  const chosen = upstreamOf(app, exchange.target);
  if (!chosen) throw new Fault('bad-request', { detail: 'The path would be another route’s to some servers.' });
  const way = wayTo(place, chosen);
  const reached = await reach(visit, proof, way, gone.signal);
  if (reached !== null) end = join(visit, proof, way, reached) ?? end;
}

/** Ends what is open, with the WebSocket close code and reason where they can still be said. */
type End = (code: number, why: string) => void;

/** `sentHost` is the host name that the upstream was asked for. */
type Reached = { upstream: Duplex; answer: Answer; sentHost: string };

/** The app's answer to the handshake; null where the browser has gone meanwhile. */
async function reach(visit: UpgradeVisit, proof: SignedIn, way: Way, gone: AbortSignal): Promise<Reached | null> {
  const { app, exchange, gateway, outcome } = visit;
  const { headers, host: sentHost, traceId } = upstreamRequest(visit, proof, way);
  outcome.trace = traceId;
  const target = await gateway.dial.resolve(app, way.upstream, way.target);
  way.target = target;
  const askedAt = performance.now();
  const { stream: upstream, judge } = await gateway.upstreams.connect(way, target, {
    person: proof.session.identity.userId,
    stickyKey: proof.session.id,
    signal: gone,
  });
  // Until both are joined, the upstream ends with the browser; nothing is sent for one who is gone.
  const letGo = (): unknown => upstream.destroy();
  gone.addEventListener('abort', letGo);
  if (gone.aborted) {
    letGo();
    return null;
  }
  const { headers: timeoutMs } = upstreamTimeouts(app, gateway.limits);
  const answer = await shakeHands(upstream, exchange, headers, timeoutMs).catch((thrown) => {
    judge({ kind: 'failed', code: asFault(thrown).code });
    throw thrown;
  });
  if (gone.aborted) return null;
  outcome.upstreamMs = performance.now() - askedAt;
  judge({ kind: 'answered', status: statusOf(answer) });
  // It depends on what the browser asked for, so it is nothing against the address.
  if (answer.kind === 'switched' && !isOffered(exchange, answer.response)) {
    letGo();
    throw new Fault('upgrade-failed', { detail: 'A subprotocol was chosen that nobody offered.' });
  }
  // From here on each ends when it has given what it had.
  if (answer.kind === 'switched') gone.removeEventListener('abort', letGo);
  return { upstream, answer, sentHost };
}

/** Gives the answer to the browser. Returns how to end the two from here on; null where the app has refused. */
function join(visit: UpgradeVisit, proof: SignedIn, way: Way, { upstream, answer, sentHost }: Reached): End | null {
  const { app, exchange, gateway, host, outcome, place } = visit;
  const { socket } = exchange;
  const status = statusOf(answer);
  const answerHeaders = clientHeaders(
    mapAnswer(answer.response.rawHeaders, app.traffic, {
      upstream: way.upstream,
      sentHost,
      publicOrigin: place.origin,
      publicHost: host,
    }),
    { status, host, secure: exchange.scheme === 'https', supportId: exchange.supportId, at: gateway.now() },
  );
  outcome.status = status;
  if (answer.kind === 'refused') {
    relayRefusal(exchange, outcome, answer.response, answerHeaders, upstreamTimeouts(app, gateway.limits).idle);
    return null;
  }
  socket.write(head(101, [...answerHeaders, 'Connection', 'Upgrade', 'Upgrade', 'websocket']));
  // Only now is what came behind the head of the handshake sent on, and what came behind the 101 sent back.
  if (answer.early.length > 0) upstream.unshift(answer.early);
  if (exchange.early.length > 0) socket.unshift(exchange.early);
  gateway.counters.webSockets += 1;
  gateway.usage.opened(app.id, proof.session.identity.userId);
  socket.once('close', () => {
    gateway.counters.webSockets -= 1;
  });
  const joined = joinWebSockets(socket, upstream, {
    pingMs: gateway.limits.webSocketPingMs,
    onBytes: (toBrowser, toUpstream) => {
      outcome.bytes += toBrowser;
      outcome.received += toUpstream;
    },
    onActivity: () => {
      const session = gateway.sessions.peek(proof.session.id);
      if (session) gateway.sessions.touch(session, gateway.now());
    },
  });
  return (code, why) => joined.close(code, why);
}

type Answer =
  | { kind: 'switched'; response: IncomingMessage; early: Buffer }
  | { kind: 'refused'; response: IncomingMessage };

function statusOf({ response }: Answer): number {
  return response.statusCode ?? 502;
}

/** Sends the handshake on a dialled stream and checks the answer (RFC 6455 §4.1): a wrong one never becomes a tunnel. */
function shakeHands(upstream: Duplex, exchange: UpgradeRequest, headers: string[], timeoutMs: number): Promise<Answer> {
  return new Promise((resolve, reject) => {
    const fail = (fault: Fault): void => {
      clearTimeout(timer);
      upstream.destroy();
      reject(fault);
    };
    const timer = setTimeout(() => fail(new Fault('upstream-timeout')), timeoutMs);
    const sent = request({
      createConnection: () => upstream,
      method: 'GET',
      path: exchange.target,
      headers: [...headers, 'Connection', 'Upgrade', 'Upgrade', 'websocket'],
      setHost: false,
      maxHeaderSize: 64 * 1024,
    });
    // Also what breaks after the answer: then the promise is settled and the streams tell.
    sent.on('error', (error) => fail(upstreamFault(error)));
    sent.once('response', (response) => {
      clearTimeout(timer);
      const status = response.statusCode ?? 0;
      if (status < 200 || status > 599) fail(new Fault('upstream-protocol', { detail: `Status ${status}.` }));
      else resolve({ kind: 'refused', response });
    });
    sent.once('upgrade', (response, _socket, early) => {
      clearTimeout(timer);
      const problem = handshakeProblem(exchange, response);
      if (problem) fail(new Fault('upgrade-failed', { detail: problem }));
      else resolve({ kind: 'switched', response, early });
    });
    sent.end();
  });
}

function handshakeProblem(exchange: UpgradeRequest, response: IncomingMessage): string | null {
  const accept = createHash('sha1')
    .update(exchange.key + ACCEPT_GUID)
    .digest('base64');
  if (headerValues(response.rawHeaders, 'upgrade').join().trim().toLowerCase() !== 'websocket')
    return 'The Upgrade header is not websocket.';
  if (headerValues(response.rawHeaders, 'sec-websocket-accept').join().trim() !== accept)
    return 'Sec-WebSocket-Accept is wrong.';
  return null;
}

/** RFC 6455 §4.1: the last of the checks. */
function isOffered(exchange: UpgradeRequest, response: IncomingMessage): boolean {
  const chosen = headerValue(response.rawHeaders, 'sec-websocket-protocol');
  const offered = headerValues(exchange.headers, 'sec-websocket-protocol')
    .flatMap((value) => value.split(','))
    .map((name) => name.trim());
  return chosen === null || offered.includes(chosen.trim());
}

/** Any answer but 101 is a normal response: relayed with backpressure and framed by us, then both sides are closed. */
function relayRefusal(
  exchange: UpgradeRequest,
  outcome: Outcome,
  response: IncomingMessage,
  headers: string[],
  idleMs: number,
): void {
  const { socket } = exchange;
  const status = response.statusCode ?? 502;
  const isBodiless = status === 204 || status === 304;
  const isChunked = !isBodiless && headerValue(headers, 'content-length') === null;
  outcome.reason = REFUSED_UPGRADE;
  const framing = isChunked ? ['Transfer-Encoding', 'chunked'] : [];
  socket.write(head(status, [...headers, ...framing, 'Connection', 'close']));
  const idle = setTimeout(() => response.destroy(), idleMs);
  response.on('data', (chunk: Buffer) => {
    outcome.bytes += chunk.length;
    idle.refresh();
  });
  // A body that breaks off destroys the socket too: the browser must not take half of it for all.
  pipeline(response, isChunked ? chunked : passed, socket, () => {
    clearTimeout(idle);
    response.destroy();
    lingeringClose(socket);
  });
}

/** RFC 9112 §7.1. */
async function* chunked(source: AsyncIterable<Buffer>): AsyncGenerator<Buffer> {
  for await (const chunk of source) {
    if (chunk.length > 0)
      yield Buffer.concat([Buffer.from(`${chunk.length.toString(16)}\r\n`), chunk, Buffer.from('\r\n')]);
  }
  yield Buffer.from('0\r\n\r\n');
}

async function* passed(source: AsyncIterable<Buffer>): AsyncGenerator<Buffer> {
  yield* source;
}

function refuse(exchange: UpgradeRequest, outcome: Outcome, code: FaultCode, reason: string = code): void {
  outcome.reason = reason;
  outcome.status = new Fault(code).status;
  if (exchange.socket.destroyed) return;
  const seconds = code === 'maintenance' ? MAINTENANCE_RETRY_SECONDS : RETRY_AFTER_SECONDS;
  const extra = outcome.status === 503 ? [`Retry-After: ${seconds}`] : [];
  exchange.socket.end(rawRefusal(code, exchange.supportId, exchange.receivedAt, extra));
  lingeringClose(exchange.socket);
}

/** As bytes: a value above ASCII goes on as it came (RFC 9110 §5.5). */
function head(status: number, headers: readonly string[]): Buffer {
  const lines = [`HTTP/1.1 ${status} ${STATUS_CODES[status] ?? ''}`];
  for (let i = 0; i < headers.length; i += 2) lines.push(`${headers[i]}: ${headers[i + 1]}`);
  return Buffer.from(`${lines.join('\r\n')}\r\n\r\n`, 'latin1');
}

function closeCode(why: string): number {
  return why.startsWith('session-') || why === 'app-signed-out' || why === 'app-session-expired'
    ? SESSION_OVER
    : POLICY_VIOLATION;
}
