// Promises about a decision that cannot be made, and about one that is taken back.
import assert from 'node:assert/strict';
import { once } from 'node:events';
import type { Socket } from 'node:net';
import { suite, test } from 'node:test';
import { PLAIN_UPSTREAM, type Upstream } from '#server/core/app.ts';
import type { Hostname } from '#server/core/hostname.ts';
import { type Ends, HOUR_MS, rawServer, startGateway, type TestOptions } from './gateway.testing.ts';
import { openHttp2 } from './http2-client.testing.ts';
import { rawClient } from './raw-client.testing.ts';
import { SessionCache } from './sessions.ts';

/** An upstream that answers `/stream` and `/events` with a beginning and then waits. */
async function start(t: Ends, options: Partial<TestOptions> = {}) {
  const sockets: Socket[] = [];
  const requests: string[] = [];
  const port = await rawServer(t, (socket) => {
    sockets.push(socket);
    socket.on('data', (chunk: Buffer) => {
      requests.push(chunk.toString('latin1'));
      const type = chunk.toString('latin1').includes('/events') ? 'text/event-stream' : 'text/plain';
      if (chunk.toString('latin1').startsWith('GET /quick'))
        socket.write('HTTP/1.1 200 OK\r\nContent-Length: 2\r\n\r\nok');
      else if (chunk.toString('latin1').startsWith('GET'))
        socket.write(`HTTP/1.1 200 OK\r\nContent-Type: ${type}\r\nTransfer-Encoding: chunked\r\n\r\n5\r\nbegin\r\n`);
    });
  });
  const apps = [
    { id: 'wiki', hosts: ['wiki.test'] as const, upstream: port },
    {
      id: 'bank',
      hosts: ['bank.test'] as const,
      upstream: port,
      assignments: [{ kind: 'group', groupId: 'g1' } as const],
    },
  ];
  const gateway = await startGateway(t, { apps, ...options });
  return { gateway, apps, requests, sockets };
}

const get = (host: string, path: string, cookie: string) =>
  `GET ${path} HTTP/1.1\r\nHost: ${host}\r\nCookie: ${cookie}\r\n\r\n`;

suite('A6: a decision that cannot be made is no', () => {
  test('the policy throws: 503, deny, one alarm', async (t) => {
    const { gateway } = await start(t);
    const cookie = gateway.cookie(gateway.signIn(), 'wiki.test');
    const client = await rawClient(gateway.port);
    client.write(get('wiki.test', '/quick', cookie));
    assert.equal((await client.answer()).status, 200);
    const snapshot = gateway.context.snapshot();
    gateway.context.snapshot = () => ({
      ...snapshot,
      get rulesByApp(): never {
        throw new Error('half a row');
      },
    });
    client.write(get('wiki.test', '/quick', cookie));
    const answer = await client.answer();
    assert.equal(answer.status, 503);
    assert.doesNotMatch(answer.text, /half a row/);
    assert(gateway.audits.some((event) => event.level === 'alarm' && event.action === 'policy-failed'));
    client.socket.destroy();
  });

  test('the policy gives undefined, or something of no kind: 403 or 503, never let in', async (t) => {
    const { gateway } = await start(t);
    const cookie = gateway.cookie(gateway.signIn(), 'wiki.test');
    const snapshot = gateway.context.snapshot();
    const client = await rawClient(gateway.port);
    for (const rule of [null, 'everyone', 1, { everyone: null }]) {
      gateway.context.snapshot = () => ({ ...snapshot, rulesByApp: new Map([['wiki', rule]]) as never });
      client.write(get('wiki.test', '/quick', cookie));
      const { status } = await client.answer();
      assert([403, 503].includes(status), `${status}`);
    }
    client.socket.destroy();
  });

  test('the facts cannot be read: 503, also for who is not signed in', async (t) => {
    const { gateway } = await start(t);
    gateway.context.facts = () => {
      throw new Error('no facts');
    };
    const client = await rawClient(gateway.port);
    client.write(get('wiki.test', '/', 'a=1'));
    assert.equal((await client.answer()).status, 503);
    client.socket.destroy();
  });

  test('the session store rejects: 503, deny, alarm, and recovers by itself', async (t) => {
    const { gateway } = await start(t);
    const cookie = gateway.cookie(gateway.signIn(), 'wiki.test');
    gateway.failLoads(new Error('EIO'));
    const client = await rawClient(gateway.port);
    client.write(get('wiki.test', '/quick', cookie));
    const answer = await client.answer();
    assert.equal(answer.status, 503);
    assert.doesNotMatch(answer.text, /EIO/);
    assert(gateway.audits.some((event) => event.level === 'alarm' && event.reason === 'session-unreadable'));
    gateway.failLoads(null);
    client.write(get('wiki.test', '/quick', cookie));
    assert.equal((await client.answer()).status, 200);
    client.socket.destroy();
  });

  test('the snapshot itself throws: no answer is an allow, and the gateway lives', async (t) => {
    const { gateway } = await start(t);
    const cookie = gateway.cookie(gateway.signIn(), 'wiki.test');
    const good = gateway.context.snapshot;
    const client = await rawClient(gateway.port);
    const snapshot = good();
    gateway.context.snapshot = () => ({
      ...snapshot,
      get appsByHost(): never {
        throw new Error('broken');
      },
    });
    client.write(get('wiki.test', '/quick', cookie));
    assert.equal((await client.answer()).status, 500);
    gateway.context.snapshot = good;
    client.write(get('wiki.test', '/quick', cookie));
    assert.equal((await client.answer()).status, 200);
    client.socket.destroy();
  });

  test('the dialer throws something odd: 500 without detail, and the entry is gone', async (t) => {
    const { gateway } = await start(t);
    const cookie = gateway.cookie(gateway.signIn(), 'wiki.test');
    gateway.context.dial.resolve = () => {
      throw 'a string';
    };
    const client = await rawClient(gateway.port);
    client.write(get('wiki.test', '/quick', cookie));
    assert.equal((await client.answer()).status, 500);
    await gateway.until(() => gateway.context.live.size === 0);
    client.socket.destroy();
  });
});

suite('A7: what is taken back ends in less than a second', () => {
  for (const [what, change] of [
    ['the session is ended', 'session'],
    ['the person leaves the group', 'people'],
    ['the person is disabled', 'user'],
    ['the app is disabled', 'disabled'],
    ['the app is deleted', 'deleted'],
    ['the assignment is removed', 'assignment'],
    ['the person signs out of the app', 'app'],
    ['the session cannot be read any more', 'unreadable'],
  ] as const) {
    test(`${what}: streams over HTTP/1.1 and HTTP/2 are cut, as broken ones; other people’s go on`, async (t) => {
      const { gateway, apps, sockets } = await start(t, { scheme: 'https' });
      const session = gateway.signIn();
      const other = gateway.signIn({ userId: 'bob', groupIds: ['g1'] });
      const own = gateway.cookie(session, 'bank.test');
      const tls = { servername: 'bank.test' };
      const stream = await rawClient(gateway.port, tls);
      stream.write(get('bank.test', '/stream', own));
      const events = await rawClient(gateway.port, tls);
      events.write(get('bank.test', '/events', own));
      const theirs = await rawClient(gateway.port, tls);
      theirs.write(get('bank.test', '/events', gateway.cookie(other, 'bank.test')));
      const http2 = await openHttp2(gateway.port, 'bank.test');
      const over2 = http2.request({ ':path': '/stream', cookie: own });
      over2.on('error', () => {});
      let ended = false;
      over2.on('end', () => {
        ended = true;
      });
      await Promise.all([
        ...[stream, events, theirs].map((client) => client.when((text) => text.includes('begin'))),
        once(over2, 'data'),
      ]);
      assert.equal(gateway.context.live.size, 4);

      const closed = Promise.all([
        stream.rest(),
        events.rest(),
        new Promise((resolve) => over2.once('close', resolve)),
      ]);
      const startedAt = performance.now();
      const [wiki, bank] = apps;
      assert(wiki && bank);
      let othersToo = false;
      switch (change) {
        case 'session':
          gateway.sessions.delete(session.id);
          await gateway.changed({ kind: 'session', id: session.id });
          break;
        case 'people':
          gateway.sessions.set(session.id, { ...session, identity: { ...session.identity, groupIds: [] } });
          await gateway.changed({ kind: 'people', id: null });
          break;
        case 'user':
          gateway.sessions.set(session.id, { ...session, identity: { ...session.identity, disabled: true } });
          await gateway.changed({ kind: 'user', id: 'ada' });
          break;
        case 'disabled':
          othersToo = true;
          gateway.setApps([wiki, { ...bank, enabled: false }]);
          await gateway.changed({ kind: 'catalogue' });
          break;
        case 'deleted':
          othersToo = true;
          gateway.setApps([wiki]);
          await gateway.changed({ kind: 'catalogue' });
          break;
        case 'assignment':
          gateway.setApps([wiki, { ...bank, assignments: [{ kind: 'user', userId: 'bob' }] }]);
          await gateway.changed({ kind: 'catalogue' });
          break;
        case 'app':
          await gateway.context.signOutOfApp(session.id, 'bank');
          break;
        case 'unreadable':
          gateway.failLoads(new Error('EIO'));
          await gateway.changed({ kind: 'session', id: session.id });
          gateway.failLoads(null);
          break;
      }
      const [whole, sse] = await closed;
      assert(performance.now() - startedAt < 1_000);
      for (const text of [whole, sse]) assert.doesNotMatch(text, /0\r\n\r\n$/);
      assert.notEqual(over2.rstCode, 0);
      assert(!ended);
      assert.equal(gateway.context.live.size, othersToo ? 0 : 1);
      assert(gateway.audits.some((event) => event.action === 'stream-cut'));
      await gateway.until(() => sockets.filter((socket) => socket.destroyed).length >= (othersToo ? 4 : 3));
      http2.destroy();
      theirs.socket.destroy();
    });
  }

  for (const [what, routes, own, cut] of [
    ['the route is gone', {}, 1, 'api'],
    ['the route has another upstream', { '/api': 2 }, 1, 'api'],
    ['a longer route takes the path', { '/api': 1, '/api/v1': 2 }, 1, 'api'],
    ['the app’s own upstream is another one', { '/api': 1 }, 2, 'own'],
    ['another route is added', { '/files': 2, '/api': 1 }, 1, 'none'],
  ] as const) {
    test(`${what}: cut is what would go elsewhere now (${cut})`, async (t) => {
      const { gateway, apps } = await start(t);
      const port = apps[0]?.upstream ?? 0;
      const upstream = (at: 1 | 2): Upstream => ({
        ...{ ...PLAIN_UPSTREAM, scheme: 'http', port: at === 1 ? port : 2, tls: { kind: 'system' } },
        ...{ host: 'api.internal.test' as Hostname, hostHeader: { kind: 'public' } },
      });
      const wiki = (given: Readonly<Record<string, 1 | 2>>, at: 1 | 2) => ({
        ...{ id: 'wiki', hosts: ['wiki.test'] as const, upstream: at === 1 ? port : 2 },
        traffic: { routes: Object.entries(given).map(([prefix, to]) => ({ prefix, upstream: upstream(to) })) },
      });
      gateway.setApps([wiki({ '/api': 1 }, 1)]);
      const cookie = gateway.cookie(gateway.signIn(), 'wiki.test');
      const open = async (path: string) => {
        const client = await rawClient(gateway.port);
        client.write(get('wiki.test', path, cookie));
        await client.when((text) => text.includes('begin'));
        return client;
      };
      const clients = { api: await open('/api/v1/events'), own: await open('/events') };
      gateway.setApps([wiki(routes, own)]);
      await gateway.changed({ kind: 'catalogue' });
      if (cut !== 'none') await clients[cut].closed;
      await gateway.until(() => gateway.context.live.size === (cut === 'none' ? 2 : 1));
      // A cut is written down when it is decided, before its socket has closed.
      const cuts = gateway.audits.filter(({ action }) => action === 'stream-cut');
      assert.equal(cuts.length, cut === 'none' ? 0 : 1);
      const left = gateway.context.live.all().map(({ target }) => target);
      assert.equal(left.includes('/api/v1/events'), cut !== 'api');
      assert.equal(left.includes('/events'), cut !== 'own');
      for (const { socket } of Object.values(clients)) socket.destroy();
    });
  }

  test('uploads and requests that wait for their answer end too', async (t) => {
    const { gateway } = await start(t);
    const session = gateway.signIn();
    const cookie = gateway.cookie(session, 'wiki.test');
    const upload = await rawClient(gateway.port);
    upload.write(`POST / HTTP/1.1\r\nHost: wiki.test\r\nCookie: ${cookie}\r\nContent-Length: 100\r\n\r\nhalf`);
    await gateway.until(() => gateway.context.live.size === 1);
    gateway.sessions.delete(session.id);
    await gateway.changed({ kind: 'session', id: session.id });
    assert.equal(await upload.rest(), '');
    await gateway.until(() => gateway.context.live.size === 0);
  });

  test('a revocation during the dial sends nothing to the upstream', async (t) => {
    const started = Promise.withResolvers<void>();
    const finish = Promise.withResolvers<void>();
    const { gateway, requests } = await start(t);
    const { resolve } = gateway.context.dial;
    gateway.context.dial.resolve = async (...asked) => {
      const target = await resolve(...asked);
      const connect: typeof target.connect = async (...given) => {
        started.resolve();
        await finish.promise;
        return target.connect(...given);
      };
      return { ...target, connect };
    };
    const session = gateway.signIn();
    const client = await rawClient(gateway.port);
    client.write(get('wiki.test', '/quick', gateway.cookie(session, 'wiki.test')));
    await started.promise;
    gateway.sessions.delete(session.id);
    await gateway.changed({ kind: 'session', id: session.id });
    assert.equal(await client.rest(), '');
    finish.resolve();
    const after = await rawClient(gateway.port);
    after.write(get('wiki.test', '/quick', gateway.cookie(gateway.signIn(), 'wiki.test')));
    assert.equal((await after.answer()).status, 200);
    assert.equal(requests.length, 1, 'the first one was never sent');
    after.socket.destroy();
  });

  test('what waits for its turn is not sent when the request that it waits for is cut with it', async (t) => {
    const { gateway, requests } = await start(t, { scheme: 'https', limits: { upstreamRequestsPerPerson: 1 } });
    const client = await openHttp2(gateway.port, 'wiki.test');
    const ask = (session: ReturnType<typeof gateway.signIn>, path: string) => {
      const stream = client.request({ ':path': path, cookie: gateway.cookie(session, 'wiki.test') });
      stream.on('error', () => {});
      return stream.resume();
    };
    const session = gateway.signIn();
    const running = ask(session, '/stream');
    await once(running, 'response');
    // Leaves a connection that the next turn could take at once.
    await once(ask(gateway.signIn({ userId: 'bob' }), '/quick'), 'end');
    const waiting = ask(session, '/quick?late');
    await gateway.until(() => gateway.context.live.size === 2);
    const ended = Promise.allSettled([running, waiting].map((stream) => once(stream, 'close')));
    gateway.sessions.delete(session.id);
    await gateway.changed({ kind: 'session', id: session.id });
    await ended;
    await once(ask(gateway.signIn({ userId: 'bob' }), '/quick'), 'end');
    assert(!requests.some((head) => head.includes('?late')), 'it was never sent');
    client.destroy();
  });

  test('an app that is taken away while the session is being read ends what was just let in', async (t) => {
    const started = Promise.withResolvers<void>();
    const finish = Promise.withResolvers<void>();
    const { apps, gateway, sockets } = await start(t);
    const getReal = gateway.context.sessions.get.bind(gateway.context.sessions);
    gateway.context.sessions.get = async (id, now) => {
      started.resolve();
      await finish.promise;
      return getReal(id, now);
    };
    const client = await rawClient(gateway.port);
    client.write(get('wiki.test', '/stream', gateway.cookie(gateway.signIn(), 'wiki.test')));
    await started.promise;
    gateway.setApps(apps.map((app) => ({ ...app, assignments: [] })));
    await gateway.changed({ kind: 'catalogue' });
    finish.resolve();
    await client.rest();
    await gateway.until(() => gateway.context.live.size === 0);
    for (const socket of sockets) socket.destroy();
  });

  test('a change of a person reaches a stream whose session is no longer in memory', async (t) => {
    const { gateway, sockets } = await start(t);
    const session = gateway.signIn();
    const client = await rawClient(gateway.port);
    client.write(get('wiki.test', '/stream', gateway.cookie(session, 'wiki.test')));
    await gateway.until(() => sockets.length === 1);
    // Forgotten without a change that concerns it, as when there are more sessions than are remembered.
    gateway.context.sessions.invalidate({ revision: 0, kind: 'session', id: session.id });
    gateway.sessions.set(session.id, { ...session, identity: { ...session.identity, disabled: true } });
    await gateway.changed({ kind: 'user', id: session.identity.userId });
    await client.rest();
    await gateway.until(() => gateway.context.live.size === 0);
    for (const socket of sockets) socket.destroy();
  });

  test('a revocation while the session is being loaded wins', async () => {
    let revision = 1;
    const loads: ((value: { session: never; revision: number } | null) => void)[] = [];
    const cache = new SessionCache(() => new Promise((resolve) => loads.push(resolve)));
    const first = cache.get('s', 0);
    revision = 2;
    cache.invalidate({ kind: 'session', id: 's', revision });
    loads[0]?.({ session: { id: 's' } as never, revision: 1 });
    await new Promise((resolve) => setImmediate(resolve));
    assert.equal(loads.length, 2, 'what was read before the change is not believed');
    loads[1]?.(null);
    assert.equal(await first, null);
  });

  test('changes of others never make a stale session stay', async () => {
    const loads: ((value: { session: never; revision: number } | null) => void)[] = [];
    const cache = new SessionCache(() => new Promise((resolve) => loads.push(resolve)));
    const first = Promise.resolve(cache.get('s', 0)).then(
      () => 'kept',
      () => 'refused',
    );
    for (let i = 0; i < 6; i += 1) {
      cache.invalidate({ kind: 'people', id: null, revision: 10 + i });
      loads[i]?.({ session: { id: 's' } as never, revision: 9 });
      await new Promise((resolve) => setImmediate(resolve));
    }
    assert.equal(await first, 'refused');
    assert.equal(cache.peek('s'), null);
    const second = cache.get('s', 0);
    cache.invalidate({ kind: 'session', id: 'another', revision: 99 });
    loads[6]?.({ session: { id: 's' } as never, revision: 20 });
    assert.equal((await second)?.id, 's', 'and a busy catalogue locks nobody out');
  });

  test('the change feed is lost for 15 minutes: new requests are 503, open streams are cut, and all recovers', async (t) => {
    const { gateway } = await start(t);
    const session = gateway.signIn();
    const cookie = gateway.cookie(session, 'wiki.test');
    const stream = await rawClient(gateway.port);
    stream.write(get('wiki.test', '/stream', cookie));
    await stream.when((text) => text.includes('begin'));
    gateway.clock.now += 15 * 60_000;
    gateway.sweep();
    const client = await rawClient(gateway.port);
    client.write(get('wiki.test', '/quick', cookie));
    assert.equal((await client.answer()).status, 200);
    gateway.clock.now += 1;
    gateway.sweep();
    assert.doesNotMatch(await stream.rest(), /0\r\n\r\n$/);
    for (const lines of [cookie, 'a=1']) {
      client.write(get('wiki.test', '/quick', lines));
      assert.equal((await client.answer()).status, 503);
    }
    gateway.clock.feedConfirmedAt = gateway.clock.now;
    client.write(get('wiki.test', '/quick', cookie));
    assert.equal((await client.answer()).status, 200);
    client.socket.destroy();
  });

  test('a stream never outlives its session, nor an app’s stricter limit', async (t) => {
    const { gateway, apps } = await start(t);
    const [wiki, bank] = apps;
    assert(wiki && bank);
    gateway.setApps([{ ...wiki, maxSessionMs: HOUR_MS }, bank]);
    const session = gateway.signIn();
    const short = await rawClient(gateway.port);
    short.write(get('wiki.test', '/stream', gateway.cookie(session, 'wiki.test')));
    const long = await rawClient(gateway.port);
    long.write(get('bank.test', '/stream', gateway.cookie(session, 'bank.test')));
    await Promise.all([short, long].map((client) => client.when((text) => text.includes('begin'))));
    gateway.clock.now += HOUR_MS;
    gateway.clock.feedConfirmedAt = gateway.clock.now;
    gateway.sweep();
    await short.closed;
    assert.equal(gateway.context.live.size, 1);
    gateway.clock.now += 7 * HOUR_MS;
    gateway.clock.feedConfirmedAt = gateway.clock.now;
    gateway.sessions.set(session.id, { ...session, lastSeenAt: gateway.clock.now - HOUR_MS });
    gateway.sweep();
    await new Promise((resolve) => setImmediate(resolve));
    assert.equal(gateway.context.live.size, 1, 'active at another process: not idle');
    gateway.clock.now += 7 * HOUR_MS;
    gateway.clock.feedConfirmedAt = gateway.clock.now;
    gateway.sweep();
    await long.closed;
  });
});
