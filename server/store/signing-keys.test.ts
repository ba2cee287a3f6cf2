// The promises of the signing keys: sealed at rest, published before they sign, and one set for all processes.
import assert from 'node:assert/strict';
import { test } from 'node:test';
import { createLocalJWKSet, importJWK, jwtVerify, SignJWT } from 'jose';
import type { Store } from './handle.ts';
import { currentSigningKeys, foreignSecret } from './signing-keys.ts';
import type { Tables } from './tables.ts';
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

test('under another secret the start is refused with a sentence, and nothing is replaced', async (t) => {
  const { store, dataDir, clock } = await temporaryStore(t);
  assert.equal(await foreignSecret(store), null, 'where there is no key yet, every secret is good');
  await currentSigningKeys(store);
  const foreign = await anotherStore(t, dataDir, clock, { secret: Buffer.alloc(32, 9) });
  assert.match((await foreignSecret(foreign)) ?? '', /sealed under another FOYER_SECRET_KEY/);
  assert.equal(await foreignSecret(store), null);
  assert.equal((await currentSigningKeys(store)).publicJwks.keys.length, 1);
});

const DAMAGES: readonly [string, (row: Tables['signing_keys']) => Partial<Record<string, unknown>>][] = [
  ['the sealed key is empty', () => ({ private_jwk_sealed: '' })],
  ['the sealed key is no text', () => ({ private_jwk_sealed: 7 })],
  ['a character of the sealed key is another one', (row) => ({ private_jwk_sealed: flipped(row.private_jwk_sealed) })],
  ['the public key is no JSON', () => ({ public_jwk: '{', private_jwk_sealed: 'x' })],
  ['its name is another one', () => ({ kid: 'another' })],
  ['its time is no time', () => ({ active_from: 'x' })],
];

for (const [what, damage] of DAMAGES) {
  test(`B5: ${what}: an alarm says so, a new key signs, and what was signed before is verified while that can be`, async (t) => {
    const problems: string[] = [];
    const { store, clock } = await temporaryStore(t, { onProblem: ({ message }) => problems.push(message) });
    const before = await currentSigningKeys(store);
    const [row] = await store.db.selectFrom('signing_keys').selectAll().execute();
    assert.ok(row);
    await store.db
      .updateTable('signing_keys')
      .set(damage(row) as object)
      .execute();
    const after = await currentSigningKeys(store);
    assert.notEqual(after.active.kid, before.active.kid);
    await verify(await sign(after, clock.now), after, clock.now);
    const isPublic = !what.includes('public') && !what.includes('name');
    const earlier = verify(await sign(before, clock.now), after, clock.now);
    if (isPublic) await earlier;
    else await assert.rejects(earlier);
    assert.deepEqual((await currentSigningKeys(store)).active, after.active, 'the new one stays');
    assert.equal(problems.length, 1);
    assert.match(problems[0] ?? '', /^The signing key ".+" in the store is damaged/);
    clock.now += 31 * DAY_MS;
    await currentSigningKeys(store);
    clock.now += 31 * DAY_MS;
    const later = await currentSigningKeys(store);
    assert.ok(
      later.publicJwks.keys.every(({ kid }) => kid !== before.active.kid),
      'at last it is swept away',
    );
    assert.equal(problems.length, 1);
  });
}

test('B5: of two live keys one is damaged: the other one signs, and no app meets a key that it cannot know', async (t) => {
  for (const which of ['newer', 'older'] as const) {
    const problems: string[] = [];
    const { store, clock } = await temporaryStore(t, { onProblem: ({ message }) => problems.push(message) });
    await currentSigningKeys(store);
    clock.now += 30 * DAY_MS;
    let known = await currentSigningKeys(store);
    assert.equal(known.publicJwks.keys.length, 2);
    const [newer, older] = await store.db
      .selectFrom('signing_keys')
      .selectAll()
      .orderBy('active_from', 'desc')
      .execute();
    const kid = (which === 'newer' ? newer : older)?.kid ?? '';
    await store.db.updateTable('signing_keys').set({ private_jwk_sealed: 'x' }).where('kid', '=', kid).execute();
    for (let hour = 0; hour < 72; hour += 1) {
      const keys = await currentSigningKeys(store);
      assert.notEqual(keys.active.kid, kid);
      // An app that fetched the set an hour ago. (The older one's successor signs a day early: nothing else can.)
      await verify(await sign(keys, clock.now), known, clock.now);
      known = keys;
      clock.now += DAY_MS / 24;
    }
    assert.equal(problems.length, 1);
  }
});

function flipped(text: string): string {
  const at = text.length >> 1;
  return `${text.slice(0, at)}${text[at] === 'A' ? 'B' : 'A'}${text.slice(at + 1)}`;
}

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
