// From the catalogue to a browser's resolver: the app's name leads to its alias, the alias to the gateways, and nothing outlives its app.
import assert from 'node:assert/strict';
import { writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { after, type TestContext, test } from 'node:test';
import { zoneAnswerer } from '#server/dns/authority.ts';
import { startChild } from '../e2e/system/child.ts';
import { foyerCommand } from '../e2e/system/foyer.ts';
import type { Endpoint } from './core/app.ts';
import { aliasZone } from './dns/alias-zone.ts';
import { type Bind, startBind, zoneText } from './dns/bind.testing.ts';
import { createExchange } from './dns/exchange.ts';
import { startDnsServer } from './dns/listen.ts';
import { type Message, RCODE, TYPE } from './dns/message.ts';
import { nameText } from './dns/name.ts';
import { address, question } from './dns/packet.testing.ts';
import { startUnbound } from './dns/unbound.testing.ts';
import type { Zone } from './dns/zone.ts';
import { deleteApp, saveApp } from './store/apps.ts';
import type { Store } from './store/handle.ts';
import { renewAlias } from './store/renew-alias.ts';
import { saveSetting } from './store/settings.ts';
import { loadSnapshot } from './store/snapshot.ts';
import {
  appInputFor,
  SYSTEM,
  saved,
  someApp,
  someone,
  someSite,
  TEST_SECRET,
  temporaryStore,
} from './store/testing/temporary-store.ts';
import { undo } from './store/undo.ts';

const { exchange, close } = createExchange({ ca: () => [], now: Date.now });
after(close);

const GATEWAYS = ['203.0.113.20', '2001:db8::20'];
const ALIASES = { zone: 'alias.example', addresses: GATEWAYS, nameServers: ['ns1.corp.example'] };

test('SCL-1, SCL-2, SCL-3: a browser’s resolver is told the app’s name, its alias, and the gateways', async (t) => {
  const { ask, aliasOf, siteId, store } = await started(t);
  const appId = await someApp(store, siteId);
  const alias = await aliasOf(appId);
  const publicDns = await publicZone(t, alias);
  const reply = await ask(publicDns, 'wiki.corp.example');
  assert.deepEqual(told(reply), [`wiki.corp.example CNAME ${alias}`, `${alias} A 203.0.113.20`]);
  assert.deepEqual(told(await ask(publicDns, 'wiki.corp.example', TYPE.AAAA)), [
    `wiki.corp.example CNAME ${alias}`,
    `${alias} AAAA 2001:db8::20`,
  ]);
});

test('SCL-4: the alias of a disabled or deleted app does not exist, comes back with it, and is never another app’s', async (t) => {
  const { ask, aliasOf, siteId, store } = await started(t);
  const input = appInputFor(siteId);
  const appId = await someApp(store, siteId);
  const other = await someApp(store, siteId, { name: 'Jira', hosts: ['jira.corp.example'] });
  const alias = await aliasOf(appId);
  const publicDns = await publicZone(t, alias);
  const outcome = async (): Promise<string> => {
    const reply = await ask(publicDns, 'wiki.corp.example');
    assert.ok(told(reply).every((line) => !line.includes(' A ') || line === `${alias} A 203.0.113.20`));
    return reply.rcode === RCODE.NXDOMAIN ? 'no such name' : told(reply).length === 2 ? 'there' : String(reply.rcode);
  };
  assert.equal(await outcome(), 'there');
  saved(await saveApp(store, SYSTEM, appId, { ...input, enabled: false }));
  assert.equal(await outcome(), 'no such name');
  saved(await saveApp(store, SYSTEM, appId, { ...input, name: 'Renamed', enabled: true }));
  assert.equal(await outcome(), 'there');
  const admin = await someone(store, 'admin');
  const { undoId } = saved(await deleteApp(store, admin, appId));
  assert.equal(await outcome(), 'no such name');
  saved(await undo(store, admin, undoId));
  assert.equal(await outcome(), 'there');
  saved(await renewAlias(store, SYSTEM, appId));
  assert.equal(await outcome(), 'no such name');
  assert.notEqual(await aliasOf(appId), alias);
  assert.notEqual(await aliasOf(other), alias);
});

test('SCL-1 to SCL-4: foyer nameserver answers for the zone as the catalogue changes, without a restart', async (t) => {
  const { store, dataDir } = await temporaryStore(t);
  saved(await saveSetting(store, SYSTEM, 'aliases', ALIASES));
  const siteId = await someSite(store);
  const appId = await someApp(store, siteId);
  const alias = await aliasOf(store, appId);
  const probe = await startDnsServer({ address: address('127.0.0.1'), port: 0, answer: () => null });
  await probe.close();
  // Everybody is a stranger to it.
  const file = join(dataDir, 'nameserver.json');
  writeFileSync(file, JSON.stringify({ listen: [`127.0.0.1:${probe.port}`], upstreams: [], clients: [] }));
  const child = startChild(foyerCommand('nameserver', '--config', file), {
    env: {
      FOYER_DATA_DIR: dataDir,
      FOYER_SECRET_KEY: TEST_SECRET.toString('base64'),
      FOYER_PORTAL_URL: store.portal.origin,
      FOYER_LISTEN: 'http://127.0.0.1:8080',
      FOYER_TRUSTED_PROXIES: '127.0.0.1/32',
      FOYER_LOG_LEVEL: 'info',
    },
  });
  t.after(() => child.stop());
  await child.line(/names of this machine’s Foyer are followed/);
  const publicDns = await publicZone(t, alias);
  const recursive = await recursiveFor(t, { 'corp.example': publicDns, 'alias.example': probe });
  const askOnce = async (server: Endpoint, name: string): Promise<Message> => {
    const result = await exchange(server, question(name, TYPE.A), { timeoutMs: 5_000 });
    assert.ok(result.kind === 'answered', JSON.stringify(result));
    return result.message;
  };
  assert.deepEqual(told(await askOnce(recursive, 'wiki.corp.example')), [
    `wiki.corp.example CNAME ${alias}`,
    `${alias} A 203.0.113.20`,
  ]);
  const direct = await askOnce(probe, alias);
  assert.ok(direct.isAuthoritative);
  assert.equal(direct.answers[0]?.ttlSeconds, 30);
  // Each question is a look; the snapshot is there within a second.
  const becomes = async (rcode: number): Promise<Message> => {
    const until = Date.now() + 5_000;
    for (;;) {
      const message = await askOnce(recursive, 'wiki.corp.example');
      if (message.rcode === rcode || Date.now() > until) return message;
    }
  };
  saved(await saveApp(store, SYSTEM, appId, appInputFor(siteId, { enabled: false })));
  const gone = await becomes(RCODE.NXDOMAIN);
  assert.deepEqual([gone.rcode, told(gone)], [RCODE.NXDOMAIN, [`wiki.corp.example CNAME ${alias}`]]);
  saved(await saveApp(store, SYSTEM, appId, appInputFor(siteId)));
  assert.equal(told(await becomes(RCODE.NOERROR)).length, 2);
  saved(await deleteApp(store, SYSTEM, appId));
  assert.equal((await becomes(RCODE.NXDOMAIN)).rcode, RCODE.NXDOMAIN);
  assert.ok(!child.lines().some((line) => line.includes(alias.split('.')[0] ?? '')), 'no alias in its log');
});

async function started(t: TestContext) {
  const { store } = await temporaryStore(t);
  saved(await saveSetting(store, SYSTEM, 'aliases', ALIASES));
  const siteId = await someSite(store);
  const ours = await startDnsServer({ address: address('127.0.0.1'), port: 0, answer: zoneAnswerer(() => current) });
  t.after(() => ours.close());
  let current: readonly Zone[] = [];
  /** The zones as they are now, asked for by a recursive server that keeps nothing. */
  const ask = async (publicDns: Bind, name: string, type: number = TYPE.A): Promise<Message> => {
    const { snapshot } = await loadSnapshot(store);
    const zone = aliasZone(snapshot, () => true)?.zoneFor(address('127.0.0.1'));
    current = zone ? [zone] : [];
    const recursive = await recursiveFor(t, { 'corp.example': publicDns, 'alias.example': ours });
    const result = await exchange(recursive, question(name, type), { timeoutMs: 5_000 });
    assert.ok(result.kind === 'answered', JSON.stringify(result));
    return result.message;
  };
  return { store, siteId, ask, aliasOf: (appId: string) => aliasOf(store, appId) };
}

const recursives = new WeakMap<TestContext, Promise<Endpoint>>();

function recursiveFor(t: TestContext, stubs: Record<string, Endpoint>): Promise<Endpoint> {
  const known = recursives.get(t);
  if (known) return known;
  const starting = startUnbound({ stubs }).then((unbound) => {
    t.after(() => unbound.stop());
    return unbound;
  });
  recursives.set(t, starting);
  return starting;
}

async function aliasOf(store: Store, appId: string): Promise<string> {
  const alias = (await loadSnapshot(store)).snapshot.aliases?.byApp.get(appId);
  assert.ok(alias);
  return alias;
}

async function publicZone(t: TestContext, alias: string): Promise<Bind> {
  const records = `wiki CNAME ${alias}.`;
  const bind = await startBind({ zones: { 'corp.example': zoneText('corp.example', records) } });
  t.after(() => bind.stop());
  return bind;
}

function told({ answers }: Message): string[] {
  return answers.flatMap(({ data, name }) => {
    const owner = nameText(name).toLowerCase();
    if (data.kind === 'cname') return [`${owner} CNAME ${nameText(data.target)}`];
    return data.kind === 'a' || data.kind === 'aaaa' ? [`${owner} ${data.kind.toUpperCase()} ${data.address}`] : [];
  });
}
