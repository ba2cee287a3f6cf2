// Decides again about what is already being served, and ends what may not go on.
import { isDeepStrictEqual } from 'node:util';
import type { App } from '#server/core/app.ts';
import type { Decision } from '#server/core/authorize.ts';
import { FEED_MAX_AGE_MS, sessionEnd } from '#server/core/authorize.ts';
import type { Session } from '#server/core/identity.ts';
import { upstreamOf } from '#server/core/upstream-of.ts';
import { decide } from './decide.ts';
import type { GatewayContext } from './gateway-context.ts';
import type { LiveEntry } from './live.ts';

/** The reason of an access line whose stream an administrator ended. */
const ENDED_BY_ADMIN = 'ended-by-admin';

type Gateway = Pick<GatewayContext, 'snapshot' | 'facts' | 'now' | 'log' | 'audit' | 'live' | 'sessions' | 'counters'>;

/** One line of the change feed. */
export type FeedChange = {
  revision: number;
  kind: 'catalogue' | 'user' | 'session' | 'people' | 'stream' | 'machines';
  id: string | null;
};

/**
 * Forgets what changes made stale, and decides again about everything open that they may concern. A session that is no longer
 * in memory may be anybody's, so a change of people concerns it too.
 */
export async function applyChanges(gateway: Gateway, changes: readonly FeedChange[]): Promise<void> {
  const concerned = new Set<string>();
  for (const { kind, id, revision } of changes) {
    if (kind === 'stream') endStream(gateway, id);
    else if (kind === 'machines') continue;
    else if (kind === 'catalogue') for (const sessionId of gateway.live.sessionIds()) concerned.add(sessionId);
    else for (const sessionId of gateway.sessions.invalidate({ kind, id, revision })) concerned.add(sessionId);
  }
  if (changes.some(({ kind }) => kind === 'user' || kind === 'people')) {
    for (const sessionId of gateway.live.sessionIds()) {
      if (gateway.sessions.peek(sessionId) === null) concerned.add(sessionId);
    }
  }
  await redecide(gateway, concerned);
}

/** The administrator’s word ends the stream, and decides nothing about the next one. */
function endStream(gateway: Gateway, id: string | null): void {
  for (const entry of gateway.live.all()) if (entry.id === id) entry.cut(ENDED_BY_ADMIN);
}

/**
 * After a change: everything that these sessions have open. A session that cannot be read is over. What begins while a session is
 * read waits for the same read, and is decided by it.
 */
export async function redecide(gateway: Gateway, sessionIds: Iterable<string>): Promise<void> {
  const open = gateway.live.of(new Set(sessionIds));
  await Promise.all(
    Array.from(open, async ([id, entries]) => {
      const session = await readSession(gateway, id);
      for (const entry of entries) if (gateway.live.has(entry)) redecideOne(gateway, entry, session);
    }),
  );
}

/**
 * Several times a second: ends what has reached its end, and everything when nothing was heard of changes for too long. A
 * session that looks idle from here is decided again as the store knows it: its person may be active at another process.
 */
export async function sweep(gateway: Gateway): Promise<void> {
  const now = gateway.now();
  const deaf = now - gateway.facts().feedConfirmedAt > FEED_MAX_AGE_MS;
  for (const entry of gateway.live.all()) {
    if (deaf) entry.cut('change-feed-lost');
    else if (now >= entry.until) entry.cut('session-expired');
  }
  const idle = gateway.live.sessionIds().filter((id) => {
    const session = gateway.sessions.peek(id);
    return session !== null && sessionEnd(session, now) === 'session-idle';
  });
  await redecide(gateway, idle);
}

function redecideOne(gateway: Gateway, entry: LiveEntry, session: Session | null): void {
  const decision = decisionFor(gateway, entry, session);
  if (decision.kind === 'allow') {
    entry.until = decision.until;
    return;
  }
  entry.cut(decision.reason);
  gateway.audit({
    level: 'info',
    action: 'stream-cut',
    identity: session?.identity ?? null,
    app: gateway.snapshot().appsById.get(entry.app.id) ?? entry.app,
    outcome: 'refused',
    reason: decision.reason,
    supportId: null,
    clientAddress: null,
  });
}

function decisionFor(gateway: Gateway, entry: LiveEntry, session: Session | null): Decision {
  const snapshot = gateway.snapshot();
  const app = snapshot.appsById.get(entry.app.id);
  if (!app) return { kind: 'deny', reason: 'app-disabled' };
  if (!leadsToTheSame(entry, app)) return { kind: 'deny', reason: 'app-moved' };
  if (!session) return { kind: 'sign-in', reason: 'session-unknown' };
  const proof = { kind: 'session', session, grantedAt: entry.grantedAt } as const;
  return decide(gateway, snapshot, app, proof, gateway.now());
}

/** Reports whether a new connection would be made to the same upstream, by the same host name. */
function leadsToTheSame({ app: before, host, target }: LiveEntry, app: App): boolean {
  if (before === app) return true;
  if (!app.hosts.includes(host) || app.siteId !== before.siteId) return false;
  return isDeepStrictEqual(upstreamOf(app, target)?.upstream, upstreamOf(before, target)?.upstream);
}

async function readSession(gateway: Gateway, id: string): Promise<Session | null> {
  try {
    return await gateway.sessions.get(id, gateway.now());
  } catch (error) {
    gateway.log.error({ err: error }, 'a changed session could not be read, so what it has open is ended');
    return null;
  }
}
