// The promises of one-time codes: one redemption, one minute, one host, one browser; the store never knows the code.
import assert from 'node:assert/strict';
import { readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { type TestContext, test } from 'node:test';
import type { Hostname } from '#server/core/hostname.ts';
import { CODE_LIFETIME_MS, mintCode, redeemCode } from './codes.ts';
import { newId } from './id.ts';
import { endSession } from './sessions.ts';
import { anotherStore, SYSTEM, someone, temporaryStore } from './testing/temporary-store.ts';

const host = 'wiki.corp.example' as Hostname;
const nonceHash = 'hash-of-the-nonce';

test('C2: a code works once, for the session and app it was made for', async (t) => {
  const { store, mint, sessionId, appId } = await minting(t);
  const code = await mint();
  assert.match(code, /^[A-Za-z0-9_-]{43}$/);
  assert.deepEqual(await redeemCode(store, { code, host, nonceHash }), { kind: 'redeemed', sessionId, appId });
  assert.deepEqual(await redeem(store, { code, host, nonceHash }), refused('code-unknown'));
});

test('C2: of many redemptions at once, through two connections, exactly one succeeds', async (t) => {
  const { store, mint, dataDir, clock } = await minting(t);
  const stores = [store, await anotherStore(t, dataDir, clock)];
  for (let round = 0; round < 10; round++) {
    const code = await mint();
    const racing = Array.from({ length: 20 }, (_, at) =>
      redeemCode(stores[at % 2] ?? store, { code, host, nonceHash }),
    );
    const outcomes = await Promise.all(racing);
    assert.equal(outcomes.filter(({ kind }) => kind === 'redeemed').length, 1);
  }
});

test('C2: a code is dead after a minute, at another host and in another browser; a wrong try burns it and names the person', async (t) => {
  const { store, mint, clock, userId } = await minting(t);
  const late = await mint();
  clock.now += CODE_LIFETIME_MS;
  assert.deepEqual(await redeem(store, { code: late, host, nonceHash }), refused('code-expired', userId));
  const wrong = [
    [{ host: 'mail.corp.example' as Hostname, nonceHash }, 'code-other-host'],
    [{ host, nonceHash: 'another' }, 'code-other-browser'],
  ] as const;
  for (const [proof, reason] of wrong) {
    const code = await mint();
    assert.deepEqual(await redeem(store, { code, ...proof }), refused(reason, userId));
    assert.deepEqual(await redeem(store, { code, host, nonceHash }), refused('code-unknown'));
  }
  for (const code of ['', 'x', '\0', 'é'.repeat(5000)]) {
    assert.deepEqual(await redeem(store, { code, host, nonceHash }), refused('code-unknown'));
  }
});

test('Z1: a clock that was set back makes no code live longer than its minute and a minute’s leeway', async (t) => {
  const { store, mint, clock, userId } = await minting(t);
  const code = await mint();
  clock.now -= 61_000;
  assert.deepEqual(await redeem(store, { code, host, nonceHash }), refused('code-expired', userId));
  const other = await mint();
  clock.now -= 60_000;
  assert.equal((await redeem(store, { code: other, host, nonceHash })).kind, 'redeemed');
});

test('C10: the codes of an ended session are dead, and it gets no new one', async (t) => {
  const { store, mint, sessionId, appId } = await minting(t);
  const code = await mint();
  await endSession(store, SYSTEM, sessionId, 'ended-by-admin');
  assert.deepEqual(await redeem(store, { code, host, nonceHash }), refused('code-unknown'));
  assert.equal(await mintCode(store, { sessionId, appId, host, nonceHash }), null);
  assert.equal(await mintCode(store, { sessionId: 'no id', appId, host, nonceHash }), null);
});

test('C3: no file of the store holds a code', async (t) => {
  const { mint, dataDir } = await minting(t);
  const code = await mint();
  for (const file of readdirSync(dataDir)) assert.equal(readFileSync(join(dataDir, file)).includes(code), false, file);
});

test('C18: codes that nobody redeems do not pile up', async (t) => {
  const { store, mint, clock } = await minting(t);
  for (let made = 0; made < 15; made++) await mint();
  clock.now += CODE_LIFETIME_MS;
  await mint();
  assert.equal((await store.db.selectFrom('codes').selectAll().execute()).length, 1);
});

async function minting(t: TestContext) {
  const opened = await temporaryStore(t);
  const { sessionId, userId } = await someone(opened.store, 'member');
  const appId = newId(opened.clock.now);
  const mint = async (): Promise<string> => {
    const code = await mintCode(opened.store, { sessionId, appId, host, nonceHash });
    assert.ok(code);
    return code;
  };
  return { ...opened, sessionId, userId, appId, mint };
}

/** With the person's id instead of all that is known of them. */
async function redeem(...given: Parameters<typeof redeemCode>) {
  const outcome = await redeemCode(...given);
  if (outcome.kind === 'redeemed') return outcome;
  return { kind: outcome.kind, reason: outcome.reason, userId: outcome.identity?.userId ?? null };
}

function refused(reason: string, userId: string | null = null) {
  return { kind: 'refused', reason, userId };
}
