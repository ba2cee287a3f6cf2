// The promises of open streams: who has what open is seen while it is open, and ends by the word of who may say it.
import assert from 'node:assert/strict';
import { type TestContext, test } from 'node:test';
import { listAudit } from './audit.ts';
import { endSession } from './sessions.ts';
import { endStream, forgetStreams, listStreams, noteStreams, type OpenStream } from './streams.ts';
import { SYSTEM, someApp, someone, someSite, temporaryStore } from './testing/temporary-store.ts';
import { addGatewayHealth } from './usage-write.ts';

const PROCESS = { gateway: 1, startedAt: 7 };
const HEALTH = {
  ...{ gateway: 1, started_at: 7, loop_p99: 0, loop_max: 0, rss: 0 },
  ...{ connections: 0, open_requests: 0, web_sockets: 0 },
};

async function opened(t: TestContext) {
  const { store, clock } = await temporaryStore(t);
  const wiki = await someApp(store, await someSite(store));
  const [ada, bob] = [await someone(store, 'member', { email: 'ada@corp.example' }), await someone(store, 'member')];
  const stream = (id: string, sessionId: string, more: Partial<OpenStream> = {}): OpenStream => ({
    ...{ id, sessionId, appId: wiki, kind: 'websocket', since: clock.now, bytes: 0 },
    ...more,
  });
  await addGatewayHealth(store, { ...HEALTH, at: clock.now });
  const streams = [stream('S1', ada.sessionId), stream('S2', bob.sessionId, { kind: 'answer', since: clock.now - 9 })];
  await noteStreams(store, PROCESS, { opened: streams, moved: [], closed: [] });
  const ids = async (filters = {}) => {
    const listed = await listStreams(store, SYSTEM, { filters });
    return listed.kind === 'listed' ? listed.rows.map(({ id }) => id) : listed.kind;
  };
  return { store, clock, ada, bob, wiki, stream, ids };
}

test('what is open is listed with its person and app, found by each filter, and gone when it closes', async (t) => {
  const { store, ada, ids, wiki } = await opened(t);
  assert.deepEqual(await ids(), ['S2', 'S1']);
  for (const filters of [{ person: 'ADA@' }, { kind: 'websocket' }, { sessionIds: [ada.sessionId] }])
    assert.deepEqual(await ids(filters), ['S1'], JSON.stringify(filters));
  assert.deepEqual(await ids({ appId: wiki, sessionIds: [] }), []);
  await noteStreams(store, PROCESS, { opened: [], moved: [{ id: 'S1', bytes: 900 }], closed: ['S2'] });
  const listed = await listStreams(store, SYSTEM);
  assert.ok(listed.kind === 'listed');
  const [{ appName, bytes, email } = { appName: '', bytes: 0, email: '' }] = listed.rows;
  assert.deepEqual([listed.total, appName, bytes, email], [1, 'Wiki', 900, 'ada@corp.example']);
});

test('a process that says nothing of itself any more has nothing open, and one that ends takes its own along', async (t) => {
  const { store, clock, ids, stream, ada } = await opened(t);
  const other = { gateway: 2, startedAt: 8 };
  await noteStreams(store, other, { opened: [stream('S3', ada.sessionId)], moved: [], closed: [] });
  assert.deepEqual(await ids(), ['S2', 'S1'], 'the other one has said nothing of itself yet');
  await forgetStreams(store, 'silent');
  assert.equal((await store.db.selectFrom('open_streams').selectAll().execute()).length, 2);
  clock.now += 3 * 60_000;
  assert.deepEqual(await ids(), []);
  clock.now -= 3 * 60_000;
  await forgetStreams(store, PROCESS);
  assert.deepEqual(await ids(), []);
});

test('A7: an administrator’s end of a stream is told to every process, audited, and needs the right', async (t) => {
  const { store, ids, ada } = await opened(t);
  const admin = await someone(store, 'admin');
  const heard: unknown[] = [];
  store.feed.subscribe((changes) => heard.push(...changes.map(({ kind, id }) => [kind, id])));
  for (const role of ['auditor', 'app-owner', 'member'] as const)
    assert.equal((await endStream(store, await someone(store, role), 'S1')).kind, 'forbidden', role);
  assert.equal((await listStreams(store, ada)).kind, 'forbidden');
  assert.deepEqual(heard, []);
  assert.equal((await endStream(store, admin, 'S1')).kind, 'saved');
  assert.equal((await endStream(store, admin, 'S1')).kind, 'not-found');
  assert.deepEqual(await ids(), ['S2']);
  const audit = await listAudit(store, admin, { filters: { action: 'stream-ended' } });
  assert.ok(audit.kind === 'listed');
  assert.deepEqual(
    audit.rows.map(({ detail, object }) => [object?.name, detail]),
    [['Wiki', { person: 'ada@corp.example', kind: 'websocket', stream: 'S1' }]],
  );
  await new Promise<void>((resolve) => {
    store.feed.subscribe(() => resolve());
    if (heard.length > 0) resolve();
  });
  assert.deepEqual(heard[0], ['stream', 'S1']);
});

test('the streams of a session that ends are gone, and late news of them bring none back', async (t) => {
  const { store, ids, ada, stream } = await opened(t);
  await endSession(store, SYSTEM, ada.sessionId, 'ended-by-admin');
  await noteStreams(store, PROCESS, { opened: [stream('S9', ada.sessionId)], moved: [], closed: [] });
  assert.deepEqual(await ids(), ['S2']);
});
