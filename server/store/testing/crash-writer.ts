// A process that changes everything there is without end, and says on stdout what was acknowledged: made to be killed at any moment.
import type { Hostname } from '#server/core/hostname.ts';
import { saveApp } from '../apps.ts';
import { recordAudit } from '../audit.ts';
import { mintCode, redeemCode } from '../codes.ts';
import { openStore } from '../handle.ts';
import { endSession } from '../sessions.ts';
import { appInputFor, newSession, PORTAL, SYSTEM, saved } from './temporary-store.ts';

const [dataDir = '', userId = '', siteId = '', appId = ''] = process.argv.slice(2);
const store = await openStore({ dataDir, secret: Buffer.alloc(32, 1), portal: PORTAL, now: Date.now });
const host = 'wiki.corp.example' as Hostname;
console.log('ready');

for (let turn = 0; ; turn++) {
  const session = await newSession(store, { userId, kind: 'standard', address: null, userAgent: null });
  if (!session) throw new Error('No session.');
  say({ kind: 'session', id: session.id });

  // Two codes: one is used up, one is only tried by whoever comes after the crash.
  const used = await mintCode(store, { sessionId: session.id, appId, host, nonceHash: 'n' });
  const kept = await mintCode(store, { sessionId: session.id, appId, host, nonceHash: 'n' });
  if (!used || !kept) throw new Error('No code.');
  say({ kind: 'minted', id: kept });
  say({ kind: 'trying', id: used });
  const redemption = await redeemCode(store, { code: used, host, nonceHash: 'n' });
  say({ kind: redemption.kind === 'redeemed' ? 'redeemed' : 'lost', id: used });

  // All of one name or all of the other, hosts and upstream included.
  const version = `v${process.pid}-${turn}`;
  say({ kind: 'changing', id: version });
  const hosts = Array.from({ length: 5 }, (_, at) => `h${at}.${version}.example`);
  saved(await saveApp(store, SYSTEM, appId, appInputFor(siteId, { name: version, description: version, hosts })));
  say({ kind: 'changed', id: version });

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

  if (turn % 2 === 0) {
    saved(await endSession(store, SYSTEM, session.id, 'ended-by-admin'));
    say({ kind: 'ended', id: session.id });
  }
}

function say(acknowledged: { kind: string; id: string }): void {
  process.stdout.write(`${JSON.stringify(acknowledged)}\n`);
}
