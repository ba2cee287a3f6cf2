// Connects to each address that the dialer's check allows, by the dialer's own means, and then proves the far end as the gateway does.
import type { Socket } from 'node:net';
import type { TLSSocket } from 'node:tls';
import type { Endpoint, Upstream } from '#server/core/app.ts';
import { asFault } from '#server/core/fault.ts';
import type { ConnectAttempt, TlsAttempt } from '#server/core/path.ts';
import type { Reached } from '../dial/checked-target.ts';
import { connectFirst } from '../dial/connect-first.ts';
import { secure } from '../dial/upstream-tls.ts';
import type { Survey } from '../dial.ts';
import { lookAtCertificate, shownCertificate } from './certificate-look.ts';

/** A service with more addresses is known by its first ones. */
const MAX_TRIED = 8;

export type Knocked = { attempts: readonly ConnectAttempt[]; open: readonly Opened[] };
export type Opened = { socket: Socket; reached: Reached };

type Options = { timeoutMs: number; signal: AbortSignal };

/** The sockets in `open` belong to the caller. Never rejects. */
export async function connectToEach({ places, reached }: Survey, options: Options): Promise<Knocked> {
  const tried = await Promise.all(reached.slice(0, MAX_TRIED).map((each) => connectTo(each, options)));
  const refused = places.flatMap(({ addresses, host, port }) =>
    addresses.flatMap(({ address, refusal }): ConnectAttempt[] =>
      refusal === null ? [] : [{ host, address, port, outcome: 'not-allowed', refusal, tookMs: 0 }],
    ),
  );
  return {
    attempts: [...tried.map(({ attempt }) => attempt), ...refused.slice(0, MAX_TRIED)],
    open: tried.flatMap(({ opened }) => opened ?? []),
  };
}

async function connectTo(
  reached: Reached,
  options: Options,
): Promise<{ attempt: ConnectAttempt; opened: Opened | null }> {
  const { endpoint, servername } = reached;
  const startedAt = performance.now();
  const said = (outcome: ConnectAttempt['outcome']): ConnectAttempt => ({
    ...endpoint,
    host: servername,
    outcome,
    refusal: null,
    tookMs: performance.now() - startedAt,
  });
  try {
    const { socket } = await connectFirst([endpoint], options);
    return { attempt: said('connected'), opened: { socket, reached } };
  } catch (thrown) {
    return { attempt: said(CONNECT_OUTCOMES[asFault(thrown).code] ?? 'unreachable'), opened: null };
  }
}

const CONNECT_OUTCOMES: Readonly<Record<string, ConnectAttempt['outcome']>> = {
  'upstream-refused': 'refused',
  'upstream-connect-timeout': 'timeout',
};

/** Takes the sockets over and closes them. Never rejects. */
export function proveEach(open: readonly Opened[], upstream: Upstream, options: Options): Promise<TlsAttempt[]> {
  return Promise.all(open.map((each) => prove(each, upstream, options)));
}

async function prove({ socket, reached }: Opened, upstream: Upstream, options: Options): Promise<TlsAttempt> {
  const { clientCertificate, protocol, tls } = upstream;
  const { endpoint, servername } = reached;
  const startedAt = performance.now();
  const said = (rest: Pick<TlsAttempt, 'outcome' | 'detail' | 'certificate'>): TlsAttempt => ({
    ...endpoint,
    servername,
    tookMs: performance.now() - startedAt,
    ...rest,
  });
  try {
    const secured: TLSSocket = await secure(socket, { servername, tls, clientCertificate, protocol, ...options });
    const attempt = said({ outcome: 'trusted', detail: '', certificate: shownCertificate(secured) });
    secured.destroy();
    return attempt;
  } catch (thrown) {
    const { code, detail } = asFault(thrown);
    const attempt = said({ outcome: TLS_OUTCOMES[code] ?? 'failed', detail, certificate: null });
    return { ...attempt, certificate: await shownBy(endpoint, servername, options) };
  }
}

const TLS_OUTCOMES: Readonly<Record<string, TlsAttempt['outcome']>> = {
  'upstream-tls-name': 'name',
  'upstream-tls-expired': 'expired',
  'upstream-tls-untrusted': 'untrusted',
};

/** A refused connection has nothing left to look at, so there is a second one. */
async function shownBy(endpoint: Endpoint, servername: string, options: Options): Promise<TlsAttempt['certificate']> {
  const look = await lookAtCertificate(endpoint, { servername, ...options });
  return look.kind === 'shown' ? look.certificate : null;
}
