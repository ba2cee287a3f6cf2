// A genuine grant of another app: somebody carried it here. It is worth nothing, stays alive where it belongs, and is written down.
import { auditCapped } from './capped-audit.ts';
import type { Visit } from './visit.ts';

type ReplayVisit = Pick<Visit, 'app' | 'gateway' | 'now' | 'snapshot'> & {
  exchange: Pick<Visit['exchange'], 'headers' | 'supportId' | 'clientAddress'>;
};

/** Looks whose grant an invalid one is, off the request's path. Never rejects. */
export async function auditReplay({ app, exchange, gateway, now, snapshot }: ReplayVisit): Promise<void> {
  try {
    const foreign = await gateway.grants.readForeign(exchange.headers, snapshot, now);
    if (!foreign) return;
    const session = await gateway.sessions.get(foreign.sessionId, now);
    auditCapped(gateway, {
      level: 'alarm',
      action: 'grant-replayed',
      identity: session?.identity ?? null,
      app,
      outcome: 'refused',
      reason: 'grant-of-another-app',
      supportId: exchange.supportId,
      clientAddress: exchange.clientAddress,
    });
  } catch (error) {
    gateway.log.error({ support: exchange.supportId, err: error }, 'replayed grant not audited');
  }
}
