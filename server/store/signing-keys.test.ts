// The promises of the signing keys: sealed at rest, published before they sign, and one set for all processes.
import assert from 'node:assert/strict';
import { test } from 'node:test';
import { createLocalJWKSet, importJWK, jwtVerify, SignJWT } from 'jose';
import type { Store } from './handle.ts';
import { currentSigningKeys } from './signing-keys.ts';
import { anotherStore, temporaryStore } from './testing/temporary-store.ts';

const DAY_MS = 24 * 60 * 60_000;

test('what is signed with the active key verifies with the published ones, before, during and after rotation', async (t) => {
  const { store, clock } = await temporaryStore(t);
  const kids = new Set<string>();
  let earlier = await currentSigningKeys(store);
  for (let day = 0; day < 95; day++) {
    const keys = await currentSigningKeys(store);
    kids.add(keys.active.kid);
    assert.ok(keys.publicJwks.keys.length <= 2);
    // An app that fetched the key set up to a day ago knows the key; one that fetches now knows yesterday's signature.
    await verify(await sign(keys, clock.now), earlier, clock.now);
    await verify(await sign(earlier, clock.now), keys, clock.now);
    for (const key of keys.publicJwks.keys) assert.equal('d' in key, false);
    earlier = keys;
    clock.now += DAY_MS;
  }
  assert.equal(kids.size, 4);
});

test('processes that start at once agree on one key', async (t) => {
  const { store, dataDir, clock } = await temporaryStore(t);
  const stores: Store[] = [store, await anotherStore(t, dataDir, clock), await anotherStore(t, dataDir, clock)];
  const keys = await Promise.all(stores.map(currentSigningKeys));
  assert.equal(new Set(keys.map(({ active }) => active.kid)).size, 1);
  const rows = await store.db.selectFrom('signing_keys').selectAll().execute();
  assert.equal(rows.length, 1);
  assert.equal(JSON.stringify(rows).includes(String(keys[0]?.active.privateJwk.d)), false);
});

test('under another secret the keys are refused with a sentence, not replaced', async (t) => {
  const { store, dataDir, clock } = await temporaryStore(t);
  await currentSigningKeys(store);
  const foreign = await anotherStore(t, dataDir, clock, { secret: Buffer.alloc(32, 9) });
  await assert.rejects(currentSigningKeys(foreign), /sealed under another FOYER_SECRET_KEY/);
  assert.equal((await currentSigningKeys(store)).publicJwks.keys.length, 1);
});

type Keys = Awaited<ReturnType<typeof currentSigningKeys>>;

async function sign({ active }: Keys, now: number): Promise<string> {
  const key = await importJWK(active.privateJwk, 'ES256');
  return new SignJWT({})
    .setProtectedHeader({ alg: 'ES256', kid: active.kid })
    .setIssuedAt(Math.floor(now / 1000))
    .sign(key);
}

async function verify(token: string, { publicJwks }: Keys, now: number): Promise<void> {
  await jwtVerify(token, createLocalJWKSet(publicJwks), { algorithms: ['ES256'], currentDate: new Date(now) });
}
