// What policy says of one person and one app, with what lets them in, for people to look at.
import type { App } from './app.ts';
import { authorize, type Facts, permitOf } from './authorize.ts';
import type { Identity, Session } from './identity.ts';
import { type PathStepOf, type PolicyFacts, stateOf } from './path.ts';
import { judgePolicy } from './path-judge.ts';
import type { AccessRule } from './policy.ts';
import type { Snapshot } from './snapshot.ts';

const DAY_MS = 86_400_000;

/** Decides as the gateway would for a request of now. */
export function policyStep(
  snapshot: Snapshot,
  app: App,
  session: Session,
  facts: Facts,
  now: number,
): PathStepOf<'policy'> {
  const permit = permitOf(snapshot, app);
  const decision = authorize(permit, app, { kind: 'session', session, grantedAt: now }, facts, now);
  const { email, name } = session.identity;
  const found: PolicyFacts = {
    person: { name, email },
    reason: decision.reason,
    by: decision.kind === 'allow' && permit?.rule ? openedBy(permit.rule, session.identity) : null,
    until: decision.kind === 'allow' ? decision.until : null,
    maintenance: permit?.app.traffic.maintenance ?? null,
  };
  const code = judgePolicy(found);
  return { step: 'policy', code, state: stateOf('policy', code), tookMs: 0, facts: found };
}

/** Somebody as if they had just signed in. */
export function sessionAsIf(identity: Identity, now: number): Session {
  return {
    id: '',
    kind: 'standard',
    identity,
    createdAt: now,
    expiresAt: now + DAY_MS,
    idleTimeoutMs: DAY_MS,
    lastSeenAt: now,
    appSignOuts: new Map(),
  };
}

function openedBy(rule: AccessRule, { groupIds, groupNames, userId }: Identity): PolicyFacts['by'] {
  if (rule.everyone) return { kind: 'everyone' };
  if (rule.userIds.has(userId)) return { kind: 'person' };
  const at = groupIds.findIndex((id) => rule.groupIds.has(id));
  return at === -1 ? null : { kind: 'group', name: groupNames[at] ?? '' };
}
