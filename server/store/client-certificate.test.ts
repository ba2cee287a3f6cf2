// The promises of client certificates: the pair fits, and its key is read by the data plane alone.
import assert from 'node:assert/strict';
import { createPrivateKey } from 'node:crypto';
import { readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { test } from 'node:test';
import type { ClientCertificate } from '#server/core/app.ts';
import { getApp, listApps, saveApp } from './apps.ts';
import { listAudit } from './audit.ts';
import { certificateId } from './schema/certificate.ts';
import { loadSnapshot } from './snapshot.ts';
import { certificatePair } from './testing/certificate-pair.ts';
import {
  anotherStore,
  appInputFor,
  SYSTEM,
  saved,
  someApp,
  someone,
  someSite,
  temporaryStore,
} from './testing/temporary-store.ts';

const NOW = Date.UTC(2026, 0, 1);
const UPSTREAM = { scheme: 'https', host: 'wiki.corp.internal', port: 8443 };
const API = { ...UPSTREAM, host: 'api.corp.internal' };

test('M10: the key of a client certificate is sealed, and in nothing that a browser, the audit or an error is made from', async (t) => {
  const { store, dataDir } = await temporaryStore(t);
  const admin = await someone(store, 'admin');
  const siteId = await someSite(store);
  const [own, api] = [await certificatePair('gateway', NOW), await certificatePair('gateway for the API', NOW)];
  const input = appInputFor(siteId, {
    upstream: { ...UPSTREAM, clientCertificate: { kind: 'new', ...own } },
    traffic: { routes: [{ prefix: '/api', upstream: { ...API, clientCertificate: { kind: 'new', ...api } } }] },
  });
  const { id } = saved(await saveApp(store, admin, null, input));
  const opened = (await loadSnapshot(store, 'opened')).snapshot.appsById.get(id);
  assertSamePair(opened?.upstream.clientCertificate, own);
  assertSamePair(opened?.traffic.routes[0]?.upstream.clientCertificate, api);
  const refused = await saveApp(store, admin, id, { ...input, name: '' });
  const shown = [
    (await loadSnapshot(store)).snapshot.appsById.get(id),
    await getApp(store, admin, id),
    await listApps(store, admin),
    await listAudit(store, admin, {}),
    refused,
  ].map((each) => JSON.stringify(each));
  const files = readdirSync(dataDir).map((name) => readFileSync(join(dataDir, name), 'latin1'));
  for (const text of [...shown, ...files]) {
    for (const secret of [own, api].flatMap(({ key }) => secretsOf(key))) assert.ok(!text.includes(secret));
    assert.ok(!text.includes('PRIVATE KEY'));
  }
  assert.ok(shown[1]?.includes('BEGIN CERTIFICATE'), 'the certificate itself is no secret');
});

test('a kept certificate stays as it is, also at another path, and removing it is for good', async (t) => {
  const { store } = await temporaryStore(t);
  const siteId = await someSite(store);
  const pair = await certificatePair('gateway', NOW);
  const upstream = (clientCertificate: unknown) => ({ ...UPSTREAM, clientCertificate });
  const id = await someApp(store, siteId, { upstream: upstream({ kind: 'new', ...pair }) });
  const columns = () =>
    store.db.selectFrom('apps').select(['client_certificate', 'routes']).where('id', '=', id).executeTakeFirstOrThrow();
  const before = await columns();
  const kept = { kind: 'kept', id: certificateId(pair.cert) };
  const save = (input: Record<string, unknown>) => saveApp(store, SYSTEM, id, appInputFor(siteId, input));
  saved(await save({ name: 'Other', upstream: upstream(kept) }));
  assert.deepEqual(await columns(), before, 'not even sealed again');
  const routes = [{ prefix: '/api', upstream: { ...API, clientCertificate: kept } }];
  saved(await save({ upstream: UPSTREAM, traffic: { routes } }));
  const moved = (await loadSnapshot(store, 'opened')).snapshot.appsById.get(id);
  assert.equal(moved?.upstream.clientCertificate, null);
  assertSamePair(moved?.traffic.routes[0]?.upstream.clientCertificate, pair);
  saved(await save({}));
  const gone = await save({ upstream: upstream(kept) });
  assert.match(errorOf(gone, 'upstream.clientCertificate'), /not kept here any more/);
  const stranger = await saveApp(store, SYSTEM, null, appInputFor(siteId, { upstream: upstream(kept) }));
  assert.match(errorOf(stranger, 'upstream.clientCertificate'), /not kept here any more/);
});

test('a pair that does not fit, is locked or has expired is refused with what to do', async (t) => {
  const { store, clock } = await temporaryStore(t);
  const siteId = await someSite(store);
  const [pair, other] = [await certificatePair('gateway', NOW), await certificatePair('other', NOW)];
  const expired = await certificatePair('old', NOW, -10);
  const locked = createPrivateKey(pair.key).export({
    type: 'pkcs8',
    format: 'pem',
    cipher: 'aes-256-cbc',
    passphrase: 'x',
  });
  const legacy = createPrivateKey(pair.key).export({
    type: 'sec1',
    format: 'pem',
    cipher: 'aes-256-cbc',
    passphrase: 'x',
  });
  const save = (clientCertificate: unknown, upstream: Record<string, unknown> = UPSTREAM) =>
    saveApp(store, SYSTEM, null, appInputFor(siteId, { upstream: { ...upstream, clientCertificate } }));
  const table: [certificate: unknown, path: string, sentence: RegExp][] = [
    [{ kind: 'new', ...pair, key: other.key }, '.key', /belongs to another certificate/],
    [{ kind: 'new', cert: other.cert + pair.cert, key: pair.key }, '.key', /than the first one/],
    [{ kind: 'new', ...pair, key: locked }, '.key', /passphrase.+openssl pkey/],
    [{ kind: 'new', ...pair, key: legacy }, '.key', /passphrase/],
    [{ kind: 'new', ...pair, key: '' }, '.key', /key is missing/],
    [{ kind: 'new', ...pair, key: pair.cert }, '.key', /no private key/],
    [{ kind: 'new', ...pair, key: pair.key.slice(0, 80) }, '.key', /no private key/],
    [{ kind: 'new', cert: pair.key, key: pair.key }, '.cert', /no certificate/],
    [{ kind: 'new', cert: '', key: pair.key }, '.cert', /no certificate/],
    [{ kind: 'new', ...expired }, '.cert', /expired on 2025-12-22/],
    [{ kind: 'sealed', ...pair }, '', /./],
    [{ kind: 'kept', id: '../x' }, '.id', /./],
    [{ cert: pair.cert, keySealed: 'x' }, '', /./],
  ];
  for (const [certificate, path, sentence] of table) {
    assert.match(errorOf(await save(certificate), `upstream.clientCertificate${path}`), sentence);
  }
  const plain = await save({ kind: 'new', ...pair }, { ...UPSTREAM, scheme: 'http' });
  assert.match(errorOf(plain, 'upstream.clientCertificate'), /Only over https/);
  const { id } = saved(await save({ kind: 'new', ...pair }));
  // Time alone switches no app off.
  clock.now += 365 * 86_400_000;
  assert.ok((await loadSnapshot(store, 'opened')).snapshot.appsById.has(id));
});

test('A6: a key that was sealed under another secret, for another app, or for another certificate disables that app alone', async (t) => {
  const { store, clock, dataDir } = await temporaryStore(t);
  const siteId = await someSite(store);
  const good = await someApp(store, siteId);
  const withPair = async (hosts: string[]) =>
    someApp(store, siteId, {
      hosts,
      upstream: { ...UPSTREAM, clientCertificate: { kind: 'new', ...(await certificatePair('gateway', NOW)) } },
    });
  const [a, b] = [await withPair(['a.corp.example']), await withPair(['b.corp.example'])];
  const elsewhere = await anotherStore(t, dataDir, clock, { secret: Buffer.from(store.secret).reverse() });
  for (const mode of ['opened', 'left-out'] as const) {
    const { snapshot, problems } = await loadSnapshot(elsewhere, mode);
    assert.deepEqual([...snapshot.appsById.keys()], [good]);
    assert.match(problems[0]?.problem ?? '', /another FOYER_SECRET_KEY.+Enter it again/);
  }
  const { client_certificate: stolen } = await store.db
    .selectFrom('apps')
    .select('client_certificate')
    .where('id', '=', a)
    .executeTakeFirstOrThrow();
  await store.db.updateTable('apps').set({ client_certificate: stolen }).where('id', '=', b).execute();
  assert.deepEqual([...(await loadSnapshot(store)).snapshot.appsById.keys()], [good, a]);
});

test('M4: an owner can neither replace nor remove the certificate of their app, and saves it as it is', async (t) => {
  const { store } = await temporaryStore(t);
  const siteId = await someSite(store);
  const owner = await someone(store, 'app-owner');
  const pair = await certificatePair('gateway', NOW);
  const input = (clientCertificate: unknown) => appInputFor(siteId, { upstream: { ...UPSTREAM, clientCertificate } });
  const given = { ...input({ kind: 'new', ...pair }), ownerUserId: owner.userId };
  const { id } = saved(await saveApp(store, SYSTEM, null, given));
  const other = await certificatePair('other', NOW);
  for (const certificate of [null, { kind: 'new', ...other }, { kind: 'new', ...pair }]) {
    assert.equal((await saveApp(store, owner, id, input(certificate))).kind, 'forbidden');
  }
  saved(await saveApp(store, owner, id, { ...input({ kind: 'kept', id: certificateId(pair.cert) }), name: 'Ours' }));
});

function assertSamePair(found: ClientCertificate | null | undefined, { cert, key }: ClientCertificate): void {
  assert.equal(found?.cert, cert);
  assert.ok(createPrivateKey(found?.key ?? '').equals(createPrivateKey(key)));
}

/** Every line of the key in base64: none of them may stand anywhere, nor may what it is in JSON. */
function secretsOf(key: string): string[] {
  return key.split('\n').filter((line) => line.length > 20 && !line.startsWith('-'));
}

function errorOf(outcome: { kind: string; errors?: Record<string, string> }, path: string): string {
  assert.equal(outcome.kind, 'invalid', path);
  return outcome.errors?.[path] ?? JSON.stringify(outcome.errors);
}
