// The promise of presence: what a gateway has open is in the store within a tell, with its bytes, and gone when it is over.
import assert from 'node:assert/strict';
import { once } from 'node:events';
import { type TestContext, test } from 'node:test';
import { pino } from 'pino';
import { WebSocket, WebSocketServer } from 'ws';
import { startGateway } from '#server/http/gateway.testing.ts';
import { someApp, someone, someSite, temporaryStore } from '#server/store/testing/temporary-store.ts';
import { startPresence } from './presence.ts';

async function started(t: TestContext) {
  const { store, clock } = await temporaryStore(t);
  const appId = await someApp(store, await someSite(store));
  const ada = await someone(store, 'member');
  const server = new WebSocketServer({ port: 0, host: '127.0.0.1' });
  await once(server, 'listening');
  server.on('connection', (socket) => socket.on('message', (data) => socket.send(data)));
  t.after(() => {
    for (const client of server.clients) client.terminate();
    server.close();
  });
  const gateway = await startGateway(t, {
    apps: [{ id: appId, hosts: ['chat.test'], upstream: (server.address() as { port: number }).port }],
  });
  clock.now = gateway.clock.now;
  await store.db
    .updateTable('sessions')
    .set({ expires_at: clock.now * 2 })
    .execute();
  const session = gateway.signIn({ userId: ada.userId }, { id: ada.sessionId });
  const open = async () => {
    const socket = new WebSocket(`ws://127.0.0.1:${gateway.port}/`, {
      headers: { host: 'chat.test', cookie: gateway.cookie(session, 'chat.test') },
      origin: 'http://chat.test',
    });
    await once(socket, 'open');
    return socket;
  };
  const { live } = gateway.context;
  const presence = startPresence(store, live, pino({ level: 'silent' }), { gateway: 1, startedAt: 1 });
  t.after(() => presence.stop());
  const rows = () => store.db.selectFrom('open_streams').selectAll().orderBy('id').execute();
  return { store, gateway, open, presence, rows, appId, ada };
}

test('a WebSocket is told of when it opens, its bytes as they move, and its end', async (t) => {
  const { gateway, open, presence, rows, appId, ada } = await started(t);
  const socket = await open();
  await presence.tell();
  const [row] = await rows();
  assert.deepEqual([row?.session_id, row?.app_id, row?.kind], [ada.sessionId, appId, 'websocket']);
  socket.send('x'.repeat(1_000));
  await once(socket, 'message');
  await presence.tell();
  assert.ok(((await rows())[0]?.bytes ?? 0) >= 1_000);
  socket.terminate();
  await gateway.until(() => gateway.context.live.size === 0);
  await presence.tell();
  assert.deepEqual(await rows(), []);
});

test('a gateway that ends takes what it had open out of the store', async (t) => {
  const { open, presence, rows } = await started(t);
  const socket = await open();
  await presence.tell();
  assert.equal((await rows()).length, 1);
  await presence.stop();
  assert.deepEqual(await rows(), []);
  socket.terminate();
});

test('A7: an end that the store tells of closes the WebSocket by the id that the store has', async (t) => {
  const { gateway, open, presence, rows } = await started(t);
  const [one, other] = [await open(), await open()];
  await presence.tell();
  const told = await rows();
  assert.equal(told.length, 2);
  const closed = Promise.race([once(one, 'close'), once(other, 'close')]);
  await gateway.changed({ kind: 'stream', id: told[0]?.id ?? '' });
  assert.equal((await closed)[0], 1008);
  await gateway.until(() => gateway.context.live.size === 1);
  await presence.tell();
  assert.deepEqual(
    (await rows()).map(({ id }) => id),
    [told[1]?.id],
  );
  one.terminate();
  other.terminate();
});
