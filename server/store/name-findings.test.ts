// What the DNS doctor found: since when, over when it is over, and read by nobody who may not know the names in it.
import assert from 'node:assert/strict';
import { test } from 'node:test';
import { cnameRecord, findingOf, type NamesFinding } from '#server/core/names-finding.ts';
import { deleteApp, saveApp } from './apps.ts';
import type { Store } from './handle.ts';
import { askForNamesCheck, beginNamesCheck, endNamesCheck, readNamesReport } from './name-findings.ts';
import { SYSTEM, saved, someApp, someone, someSite, temporaryStore } from './testing/temporary-store.ts';

const MINUTE_MS = 60_000;
const WIKI = 'wiki.corp.example';

function missing(name: string, appIds: string[] = []): NamesFinding {
  return findingOf('name-missing', { name, appIds }, `Public DNS does not know ${name}.`, cnameRecord(name, 'gw.x'));
}

async function look(store: Store, findings: NamesFinding[], names = [WIKI], isComplete = true): Promise<void> {
  assert.ok(await beginNamesCheck(store, 0));
  await endNamesCheck(store, { findings, names, isComplete });
}

async function read(store: Store) {
  const report = await readNamesReport(store, SYSTEM);
  assert.ok(report.kind === 'found');
  return report;
}

test('a finding is known since the first look that saw it, and gone with the first that does not', async (t) => {
  const { store, clock } = await temporaryStore(t);
  const empty = await read(store);
  assert.deepEqual([empty.checkedAt, empty.findings], [null, []]);
  const first = clock.now;
  await look(store, [missing(WIKI)]);
  clock.now += 10 * MINUTE_MS;
  await look(store, [missing(WIKI), missing('jira.corp.example')]);
  const report = await read(store);
  assert.equal(report.checkedAt, clock.now);
  assert.deepEqual(
    report.findings.map(({ firstSeen, lastSeen, name }) => [name, firstSeen, lastSeen]),
    [
      ['jira.corp.example', clock.now, clock.now],
      [WIKI, first, clock.now],
    ],
  );
  assert.deepEqual(report.findings[1]?.record, cnameRecord(WIKI, 'gw.x'));
  clock.now += MINUTE_MS;
  await look(store, []);
  assert.deepEqual((await read(store)).findings, []);
  await look(store, [missing(WIKI)]);
  assert.equal((await read(store)).findings[0]?.firstSeen, clock.now);
});

test('a look that was cut short ends only what it came to', async (t) => {
  const { store } = await temporaryStore(t);
  await look(store, [missing(WIKI), missing('jira.corp.example')]);
  await look(store, [], [WIKI], false);
  const report = await read(store);
  assert.deepEqual(
    report.findings.map(({ name }) => name),
    ['jira.corp.example'],
  );
  assert.equal(report.isComplete, false);
});

test('one program looks at a time, and one that died in it holds nobody back', async (t) => {
  const { store, clock } = await temporaryStore(t);
  assert.ok(await beginNamesCheck(store, 0));
  assert.ok(!(await beginNamesCheck(store, 0)));
  clock.now += 3 * MINUTE_MS;
  assert.ok(await beginNamesCheck(store, 0));
  await endNamesCheck(store, { findings: [], names: [], isComplete: true });
  assert.ok(!(await beginNamesCheck(store, MINUTE_MS)));
  clock.now += 2 * MINUTE_MS;
  assert.ok(await beginNamesCheck(store, MINUTE_MS));
});

test('M1: a look is asked for by whoever places apps, and the audit has it', async (t) => {
  const { store } = await temporaryStore(t);
  for (const role of ['member', 'auditor', 'app-owner'] as const)
    assert.equal((await askForNamesCheck(store, await someone(store, role))).kind, 'forbidden', role);
  saved(await askForNamesCheck(store, await someone(store, 'admin')));
  const actions = await store.db.selectFrom('audit_events').select('action').execute();
  assert.equal(actions.filter(({ action }) => action === 'names-checked').length, 1);
});

test('M1, invariant 5: members read nothing, owners what is theirs and public, and nobody else’s apps are named', async (t) => {
  const { store } = await temporaryStore(t);
  const owner = await someone(store, 'app-owner');
  const siteId = await someSite(store);
  const own = await someApp(store, siteId, { ownerUserId: owner.userId });
  const other = saved(
    await saveApp(store, SYSTEM, null, {
      name: 'Payroll',
      hosts: ['pay.corp.example'],
      siteId,
      upstream: { scheme: 'http', host: '10.0.0.9', port: 80 },
    }),
  ).id;
  const inside = findingOf(
    'inside-bypass',
    { name: WIKI, appIds: [own], by: 'Office', isPrivate: true },
    'The DNS of Office answers.',
  );
  const shared = findingOf(
    'private-missing',
    { name: 'srv.corp.internal', appIds: [own, other], isPrivate: true },
    'Private DNS.',
  );
  const both = findingOf(
    'caa-failed',
    { name: 'x.corp.example', appIds: [own, other] },
    'The CAA records cannot be looked up.',
  );
  const all = [missing(WIKI, [own]), missing('pay.corp.example', [other]), inside, shared, both];
  const installation = findingOf('gateway-missing', { name: 'gw.corp.example' }, 'The gateway’s name has no address.');
  await look(store, [...all, installation]);
  const told = async (actor: Parameters<typeof readNamesReport>[1], appId?: string) => {
    const report = await readNamesReport(store, actor, appId);
    return report.kind === 'found' ? report.findings : report.kind;
  };
  assert.equal(await told(await someone(store, 'member')), 'forbidden');
  const owners = await told(owner);
  assert.ok(Array.isArray(owners));
  assert.deepEqual(owners.map(({ name }) => name).sort(), [WIKI, 'x.corp.example']);
  assert.ok(!JSON.stringify(owners).includes(other));
  assert.ok(!/pay\.|Office|internal/.test(JSON.stringify(owners)));
  for (const role of ['admin', 'auditor'] as const)
    assert.equal((await told(await someone(store, role))).length, 6, role);
  assert.deepEqual(await told(owner, other), []);
  assert.equal((await told(SYSTEM, other)).length, 3);
  saved(await deleteApp(store, SYSTEM, own));
  assert.equal((await told(SYSTEM)).length, 4, 'nothing is wrong with what is gone');
});
