// Audit events that anybody can cause in any number: the first of them are written, a flood of them is only logged.
import { type Buckets, createBuckets } from '#server/core/buckets.ts';
import type { GatewayAudit, GatewayContext } from './gateway-context.ts';

type Gateway = Pick<GatewayContext, 'audit' | 'log' | 'now'>;

const RATE = { perSecond: 1, burst: 50 };
/** More than there are actions. */
const MAX_ACTIONS = 100;
const REPEAT_MS = 60_000;
const MAX_REMEMBERED = 10_000;

type Caps = { buckets: Buckets; lastOf: Map<string, number> };

const capsOf = new WeakMap<GatewayContext['audit'], Caps>();

/** Nobody who is not signed in can fill the store: of each action fifty events at once, then one a second, for one gateway. */
export function auditCapped(gateway: Gateway, event: GatewayAudit): void {
  if (caps(gateway).buckets.take(event.action, RATE, gateway.now()) === 0) {
    gateway.audit(event);
    return;
  }
  const { action, app, reason, supportId, clientAddress } = event;
  gateway.log.warn(
    { action, app: app?.id ?? null, reason, support: supportId, client: clientAddress },
    'more audit events than may be written',
  );
}

/** An open page that goes on polling after its person lost access is one event a minute, not one for each request. */
export function auditOnceAMinute(gateway: Gateway, event: GatewayAudit): void {
  const { lastOf } = caps(gateway);
  const key = `${event.identity?.userId} ${event.app?.id} ${event.reason}`;
  const now = gateway.now();
  if (Math.abs(now - (lastOf.get(key) ?? Number.NEGATIVE_INFINITY)) < REPEAT_MS) return;
  if (lastOf.size >= MAX_REMEMBERED) lastOf.clear();
  lastOf.set(key, now);
  gateway.audit(event);
}

function caps({ audit }: Gateway): Caps {
  const known = capsOf.get(audit);
  if (known) return known;
  const made: Caps = { buckets: createBuckets(MAX_ACTIONS), lastOf: new Map() };
  capsOf.set(audit, made);
  return made;
}
