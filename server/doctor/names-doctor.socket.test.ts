// The DNS doctor in the portal: one look at a time, its findings kept, and a look that breaks holds nobody back.
import assert from 'node:assert/strict';
import { test } from 'node:test';
import { silentLog } from '#server/dial/dial.testing.ts';
import { endpoint } from '#server/dns/packet.testing.ts';
import type { NamesContext } from '#server/doctor/names/gather.ts';
import type { Store } from '#server/store/handle.ts';
import { readNamesReport } from '#server/store/name-findings.ts';
import { loadSnapshot } from '#server/store/snapshot.ts';
import { PORTAL, SYSTEM, someApp, someSite, temporaryStore } from '#server/store/testing/temporary-store.ts';
import { startNamesDoctor } from './names-doctor.ts';

async function contextOf(store: Store): Promise<NamesContext> {
  const { snapshot } = await loadSnapshot(store);
  return {
    ...{
      portal: PORTAL,
      gatewayName: null,
      publicDns: [endpoint('127.0.0.1', 9)],
      insideDns: () => [],
      caFile: null,
      ownAddresses: [],
    },
    ...{
      certificateOf: () => null,
      snapshot: () => snapshot,
      deletedApps: async () => [],
      cluster: async () => null,
      now: Date.now,
      log: silentLog,
    },
  };
}

test('who asks during a look waits for that one, and finds what it found', async (t) => {
  const { store } = await temporaryStore(t);
  await someApp(store, await someSite(store));
  const context = await contextOf(store);
  let looks = 0;
  const doctor = startNamesDoctor(
    () => {
      looks++;
      return context;
    },
    { store, log: silentLog },
  );
  t.after(() => doctor.stop());
  await Promise.all([doctor.checkNames(), doctor.checkNames()]);
  assert.equal(looks, 1);
  assert.equal(doctor.namesProgress(), null);
  const report = await readNamesReport(store, SYSTEM);
  assert.ok(report.kind === 'found');
  assert.equal(report.names, 3);
  // Nobody answers for public DNS here; the site has no DNS server.
  assert.deepEqual(report.findings.map(({ code }) => code).sort(), [
    'gateway-unnamed',
    'private-no-servers',
    'public-dns-silent',
  ]);
});

test('a look that breaks is no finding, rejects nobody, and the next one begins at once', async (t) => {
  const { store } = await temporaryStore(t);
  const context = await contextOf(store);
  let isBroken = true;
  const doctor = startNamesDoctor(
    () => {
      if (isBroken) throw new Error('a bug');
      return context;
    },
    { store, log: silentLog },
  );
  t.after(() => doctor.stop());
  await doctor.checkNames();
  const before = await readNamesReport(store, SYSTEM);
  assert.ok(before.kind === 'found');
  assert.equal(before.checkedAt, null);
  isBroken = false;
  await doctor.checkNames();
  const after = await readNamesReport(store, SYSTEM);
  assert.ok(after.kind === 'found' && after.checkedAt !== null);
});

test('a look that ran out of time is gone on with by the next one, until every name was looked at', async (t) => {
  let budget = new AbortController();
  t.mock.method(AbortSignal, 'timeout', () => {
    budget = new AbortController();
    return budget.signal;
  });
  const { store, clock } = await temporaryStore(t);
  const siteId = await someSite(store);
  const hosts = Array.from({ length: 40 }, (_, at) => `app${at}.corp.example`);
  for (const host of hosts) await someApp(store, siteId, { name: host, hosts: [host] });
  const context = await contextOf(store);
  const seen = new Set<string>();
  let inLook = 0;
  const certificateOf: NamesContext['certificateOf'] = (host) => {
    seen.add(host);
    if (++inLook === 9) budget.abort();
    return null;
  };
  const doctor = startNamesDoctor(() => ({ ...context, certificateOf }), { store, log: silentLog });
  t.after(() => doctor.stop());
  for (let looks = 0; looks < 20 && seen.size < 41; looks++) {
    inLook = 0;
    await doctor.checkNames();
    const report = await readNamesReport(store, SYSTEM);
    assert.ok(report.kind === 'found' && !report.isComplete);
    clock.now += 60_000;
  }
  assert.equal(seen.size, 41, 'with the portal’s own');
});
