// Asks the policy. Whatever goes wrong while it thinks is a no, with an alarm: never an answer from before.
import type { App } from '#server/core/app.ts';
import { authorize, type Decision, type Proof, permitOf } from '#server/core/authorize.ts';
import type { Snapshot } from '#server/core/snapshot.ts';
import { auditCapped } from './capped-audit.ts';
import type { GatewayContext } from './gateway-context.ts';
import type { Place } from './place.ts';

/** `place`: of this app in this snapshot, where the caller has it; it keeps what the snapshot says. */
export function decide(
  gateway: Pick<GatewayContext, 'facts' | 'log' | 'audit' | 'now' | 'counters'>,
  snapshot: Snapshot,
  app: App,
  proof: Proof,
  now: number,
  place: Place | null = null,
): Decision {
  try {
    // A decision of no kind is as bad as a throw.
    const permit = place?.permit === undefined ? permitOf(snapshot, app) : place.permit;
    if (place !== null) place.permit = permit;
    const decision: Decision | undefined = authorize(permit, app, proof, gateway.facts(), now);
    if (decision?.kind) {
      gateway.counters.decided(decision);
      return decision;
    }
    throw new Error('The policy gave no decision.');
  } catch (error) {
    gateway.log.error({ app: app.id, err: error }, 'policy failed');
    auditCapped(gateway, {
      level: 'alarm',
      action: 'policy-failed',
      identity: proof.kind === 'session' ? proof.session.identity : null,
      app,
      outcome: 'refused',
      reason: 'policy-failed',
      supportId: null,
      clientAddress: null,
    });
    const decision: Decision = { kind: 'unavailable', reason: 'policy-failed' };
    gateway.counters.decided(decision);
    return decision;
  }
}
