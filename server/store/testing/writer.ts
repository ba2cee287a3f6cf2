// A process that writes without end and says on stdout what was acknowledged: made to be killed.
import type { Hostname } from '#server/core/hostname.ts';
import { recordAudit } from '../audit.ts';
import { mintCode, redeemCode } from '../codes.ts';
import { openStore } from '../handle.ts';
import { newSession, PORTAL } from './temporary-store.ts';

const [dataDir = '', userId = ''] = process.argv.slice(2);
const store = await openStore({ dataDir, secret: Buffer.alloc(32, 1), portal: PORTAL, now: Date.now });
const host = 'wiki.corp.example' as Hostname;

for (let turn = 0; ; turn++) {
  const session = await newSession(store, { userId, kind: 'standard', address: null, userAgent: null });
  if (!session) throw new Error('No session.');
  say({ kind: 'session', id: session.id });
  const code = await mintCode(store, { sessionId: session.id, appId: session.id, host, nonceHash: 'n' });
  if (!code) throw new Error('No code.');
  const redemption = await redeemCode(store, { code, host, nonceHash: 'n' });
  say({ kind: 'code', id: code, redeemed: redemption.kind });
  const supportId = `${process.pid}-${turn}`;
  const event = {
    at: Date.now(),
    level: 'info',
    action: 'settings-saved',
    actor: null,
    object: null,
    outcome: 'done',
  } as const;
  await recordAudit(store, [{ ...event, reason: '', supportId, address: null, detail: {} }]);
  say({ kind: 'audit', id: supportId });
}

function say(acknowledged: { kind: string; id: string; redeemed?: string }): void {
  process.stdout.write(`${JSON.stringify(acknowledged)}\n`);
}
