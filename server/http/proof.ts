// Grant and session of a request → what it proves. No database unless the session is new to this process.
import type { App } from '#server/core/app.ts';
import { type Proof, sessionEnd } from '#server/core/authorize.ts';
import { Fault } from '#server/core/fault.ts';
import type { Hostname } from '#server/core/hostname.ts';
import { auditCapped } from './capped-audit.ts';
import type { RequestHead } from './exchange.ts';
import type { GatewayContext } from './gateway-context.ts';
import type { Seat } from './grants.ts';

/** A proof with the grant that it comes from. */
export type SignedIn = Extract<Proof, { kind: 'session' }> & { seat: Seat };
export type HttpProof = SignedIn | Extract<Proof, { kind: 'none' }>;

type Gateway = Pick<GatewayContext, 'grants' | 'sessions' | 'audit' | 'log' | 'now'>;

/** A value when everything is in memory, which is the hot path. */
export function proofOf(
  gateway: Gateway,
  request: Pick<RequestHead, 'headers'>,
  app: App,
  host: Hostname,
  now: number,
): HttpProof | Promise<HttpProof> {
  const read = gateway.grants.read(request.headers, app, host, now);
  switch (read.kind) {
    case 'none':
      return { kind: 'none', reason: 'no-grant' };
    case 'invalid':
      return { kind: 'none', reason: 'grant-invalid' };
    case 'expired':
      if (read.over !== null) seeToItsEnd(gateway, read.over, now);
      return { kind: 'none', reason: 'grant-expired' };
    case 'grant':
      break;
    default:
      return read satisfies never;
  }
  const session = gateway.sessions.get(read.grant.sessionId, now);
  if (session instanceof Promise) {
    return session.then(
      (loaded) => sessionProof(gateway, loaded, read, now),
      (cause) => {
        gateway.log.error({ app: app.id, err: cause }, 'a session could not be read');
        auditCapped(gateway, {
          level: 'alarm',
          action: 'policy-failed',
          identity: null,
          app,
          outcome: 'refused',
          reason: 'session-unreadable',
          supportId: null,
          clientAddress: null,
        });
        throw new Fault('unavailable', { detail: 'The session could not be read.', cause });
      },
    );
  }
  return sessionProof(gateway, session, read, now);
}

/** The store forgets a session that it sees to be over, so that no clock revives it. The answer does not wait for that. */
function seeToItsEnd({ log, sessions }: Gateway, id: string, now: number): void {
  const session = sessions.get(id, now);
  if (session instanceof Promise) session.catch((err) => log.warn({ err }, 'a session that is over could not be read'));
}

function sessionProof(
  gateway: Gateway,
  session: Awaited<ReturnType<GatewayContext['sessions']['get']>>,
  seat: Seat,
  now: number,
): HttpProof {
  if (!session) return { kind: 'none', reason: 'session-unknown' };
  if (sessionEnd(session, now) === null) gateway.sessions.touch(session, now);
  return { kind: 'session', session, grantedAt: seat.grant.issuedAt, seat };
}
