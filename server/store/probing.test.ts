// The promises before a probe: only who may place apps has anything looked at, what is refused at save is refused here, and the audit knows.
import assert from 'node:assert/strict';
import { test } from 'node:test';
import { checkPublicHost, permitProbe } from './probing.ts';
import { someApp, someone, someSite, temporaryStore } from './testing/temporary-store.ts';

test('M1: owners, auditors and members have no name and no upstream looked at', async (t) => {
  const { store } = await temporaryStore(t);
  const siteId = await someSite(store);
  for (const role of ['app-owner', 'auditor', 'member'] as const) {
    const actor = await someone(store, role);
    assert.equal((await checkPublicHost(store, actor, 'new.corp.example')).kind, 'forbidden');
    assert.equal((await permitProbe(store, actor, input(siteId))).kind, 'forbidden');
  }
});

test('a name is told to be taken before anything else is asked of it', async (t) => {
  const { store } = await temporaryStore(t);
  await someApp(store, await someSite(store));
  const admin = await someone(store, 'admin');
  const table: [unknown, RegExp | null][] = [
    ['new.corp.example', null],
    ['NEW.corp.example.', null],
    ['wiki.corp.example', /Another app/],
    ['WIKI.corp.example', /Another app/],
    ['portal.example', /portal’s own/],
    ['https://x.example', /no host name/],
    ['', /no host name/],
    [null, /./],
    [{}, /./],
  ];
  for (const [text, problem] of table) {
    const checked = await checkPublicHost(store, admin, text);
    if (problem)
      assert.match(checked.kind === 'invalid' ? (checked.errors.host ?? '') : '', problem, JSON.stringify(text));
    else assert.deepEqual(checked, { kind: 'saved', host: 'new.corp.example' });
  }
});

test('F1, M2: an address that may not be dialled, a site that is gone and keys that nobody knows are refused in words', async (t) => {
  const { store } = await temporaryStore(t);
  const siteId = await someSite(store);
  const admin = await someone(store, 'admin');
  const table: [unknown, string][] = [
    [input(siteId, { host: '169.254.169.254' }), 'upstream.host'],
    [input(siteId, { host: '127.1' }), 'upstream.host'],
    [input(siteId, { host: '192.168.1.1' }), 'upstream.host'],
    [input(siteId, { host: 'localhost' }), 'upstream.host'],
    [input(siteId, { scheme: 'file' }), 'upstream.scheme'],
    [input(siteId, { port: 0 }), 'upstream.port'],
    [input(admin.userId), 'siteId'],
    [{ ...input(siteId), publicHost: 'a b' }, 'publicHost'],
    [{ ...input(siteId), viewerId: 'x' }, 'viewerId'],
    [{ ...input(siteId), webSocketPaths: ['http://x'] }, 'webSocketPaths.0'],
    [null, ''],
  ];
  for (const [given, path] of table) {
    const permitted = await permitProbe(store, admin, given);
    assert.ok(permitted.kind === 'invalid' && permitted.errors[path], JSON.stringify(given));
  }
  const permitted = await permitProbe(store, admin, input(siteId));
  assert.ok(permitted.kind === 'saved');
  assert.equal(permitted.request.viewerId, admin.userId);
  const audited = await store.db
    .selectFrom('audit_events')
    .select('detail')
    .where('action', '=', 'upstream-probed')
    .execute();
  assert.deepEqual(audited, [{ detail: '{"upstream":"http://wiki.corp.internal:80"}' }]);
});

function input(siteId: string, upstream: Record<string, unknown> = {}): Record<string, unknown> {
  return {
    siteId,
    upstream: { scheme: 'http', host: 'wiki.corp.internal', port: 80, ...upstream },
    publicHost: 'new.corp.example',
  };
}
