// Audit events that anybody can cause: the first of them are written, a flood of them is only logged.
import type { GatewayAudit, GatewayContext } from './gateway-context.ts';

type Gateway = Pick<GatewayContext, 'audit' | 'log' | 'now'>;

const BURST = 50;
const PER_SECOND = 1;

type Bucket = { left: number; at: number };

const buckets = new WeakMap<GatewayContext['audit'], Bucket>();

/** Nobody who is not signed in can fill the store: fifty events at once, then one a second, for one gateway. */
export function auditCapped(gateway: Gateway, event: GatewayAudit): void {
  if (takeToken(gateway)) {
    gateway.audit(event);
    return;
  }
  const { action, app, reason, supportId } = event;
  gateway.log.warn(
    { action, app: app?.id ?? null, reason, support: supportId },
    'more audit events than may be written',
  );
}

function takeToken({ audit, now }: Gateway): boolean {
  const at = now();
  const bucket = buckets.get(audit) ?? { left: BURST, at };
  buckets.set(audit, bucket);
  bucket.left = Math.min(BURST, bucket.left + (Math.max(0, at - bucket.at) / 1_000) * PER_SECOND);
  bucket.at = at;
  if (bucket.left < 1) return false;
  bucket.left -= 1;
  return true;
}
