// Audit events that anybody can cause in any number: the first of them are written, a flood of them is only logged.
import type { GatewayAudit, GatewayContext } from './gateway-context.ts';

type Gateway = Pick<GatewayContext, 'audit' | 'log' | 'now'>;

const BURST = 50;
const PER_SECOND = 1;
const REPEAT_MS = 60_000;
const MAX_REMEMBERED = 10_000;

type Bucket = { left: number; at: number };
type Caps = { buckets: Map<string, Bucket>; lastOf: Map<string, number> };

const capsOf = new WeakMap<GatewayContext['audit'], Caps>();

/** Nobody who is not signed in can fill the store: of each action fifty events at once, then one a second, for one gateway. */
export function auditCapped(gateway: Gateway, event: GatewayAudit): void {
  if (takeToken(caps(gateway).buckets, event.action, gateway.now())) {
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
  const made: Caps = { buckets: new Map(), lastOf: new Map() };
  capsOf.set(audit, made);
  return made;
}

function takeToken(buckets: Map<string, Bucket>, action: string, at: number): boolean {
  const bucket = buckets.get(action) ?? { left: BURST, at };
  buckets.set(action, bucket);
  bucket.left = Math.min(BURST, bucket.left + (Math.max(0, at - bucket.at) / 1_000) * PER_SECOND);
  bucket.at = at;
  if (bucket.left < 1) return false;
  bucket.left -= 1;
  return true;
}
