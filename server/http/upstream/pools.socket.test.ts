// The promises of the pools: few connections, none of them shared, nobody waits for ever, and what is unwell is left alone.
import assert from 'node:assert/strict';
import { once } from 'node:events';
import type { ServerResponse } from 'node:http';
import type { Socket } from 'node:net';
import { PassThrough, Readable } from 'node:stream';
import { suite, test } from 'node:test';
import { Fault, type FaultCode } from '#server/core/fault.ts';
import { httpServer, rawServer } from '../gateway.testing.ts';
import { DEFAULT_LIMITS } from '../limits.ts';
import { AppUpstreams } from './app-upstreams.ts';
import { type Ask, appOf, ask, client, type Ends, endpoint, keyFor, targetOf, until } from './client.testing.ts';
import type { UpgradeFate, UpstreamTarget } from './upstream.ts';

function targetThatFails(code: FaultCode): UpstreamTarget['connect'] {
  return (order, { onFailed } = {}) => {
    for (const each of order) onFailed?.(each, code);
    return Promise.reject(new Fault(code));
  };
}

/** An upstream that answers when the test says so. */
async function held(t: Ends) {
  const waiting: ServerResponse[] = [];
  const seen: string[] = [];
  const port = await httpServer(t, (request, response) => {
    seen.push(request.url ?? '');
    waiting.push(response);
  });
  return { port, seen, answer: () => void waiting.shift()?.end('ok'), waiting };
}

/** An upstream that answers with its name. */
function named(t: Ends, name: string, status = () => 200): Promise<number> {
  return httpServer(t, (_request, response) => {
    response.statusCode = status();
    response.end(name);
  });
}

suite('connections', () => {
  test('what is idle is used again, the last one first, and ends after its time', async (t) => {
    const { answer, port, waiting } = await held(t);
    const target = targetOf([port]);
    const pools = client(t, { upstreamKeepAliveMs: 300 });
    const both = [ask(pools, { target }), ask(pools, { target })];
    await until(() => waiting.length === 2);
    answer();
    answer();
    await Promise.all(both.map(({ done }) => done));
    assert.equal(pools.view()[0]?.connections, 2);
    for (let i = 0; i < 3; i += 1) {
      const next = ask(pools, { target });
      await until(() => waiting.length === 1);
      answer();
      await next.done;
    }
    assert.equal(target.dials, 2);
    await until(() => pools.view()[0]?.connections === 0);
    assert(target.sockets.every((socket) => socket.destroyed));
  });

  test('what is idle ends before its server ends it, where answers say when that is, and no later than allowed', async (t) => {
    let keepAlive = '';
    const port = await rawServer(t, (socket) => {
      socket.on('data', () => socket.write(`HTTP/1.1 200 OK\r\n${keepAlive}Content-Length: 2\r\n\r\nok`));
    });
    const clock = { now: 1_000_000 };
    const pools = client(t, { upstreamKeepAliveMs: 4_000 }, () => clock.now);
    const target = targetOf([port]);
    const dialsAfter = async (idleMs: number): Promise<number> => {
      clock.now += idleMs;
      const { dials } = target;
      assert.equal((await ask(pools, { target }).done).status, 200);
      return target.dials - dials;
    };
    assert.equal(await dialsAfter(0), 1);
    keepAlive = 'Keep-Alive: timeout=3, max=100\r\n';
    assert.equal(await dialsAfter(3_999), 0, 'nothing was said');
    assert.equal(await dialsAfter(1_999), 0);
    keepAlive = 'Keep-Alive: timeout=1\r\n';
    assert.equal(await dialsAfter(2_000), 1);
    keepAlive = 'Keep-Alive: timeout=100\r\n';
    assert.equal(await dialsAfter(0), 1);
    assert.equal(await dialsAfter(3_999), 0);
    clock.now += 4_250;
    await until(() => pools.view()[0]?.connections === 0);
    assert.equal(await dialsAfter(0), 1, 'and so does the next one, after nothing was open');
    clock.now += 4_250;
    await until(() => pools.view()[0]?.connections === 0);
  });

  test('U7: what may not be sent twice takes no connection that was idle for a second, and one that is busy with its like', async (t) => {
    const seen: { method: string; from: number }[] = [];
    const port = await httpServer(t, (request, response) => {
      seen.push({ method: request.method ?? '', from: request.socket.remotePort ?? 0 });
      request.resume().once('end', () => response.end('ok'));
    });
    const clock = { now: 1_000_000 };
    const target = targetOf([port]);
    const owner = { target, app: appOf() };
    const pools = client(t, { upstreamConnections: 1, upstreamKeepAliveMs: 600_000 }, () => clock.now);
    const after = async (idleMs: number, given: Partial<Ask> = {}) => {
      clock.now += idleMs;
      assert.equal((await ask(pools, { ...owner, ...given }).done).status, 200);
      return target.dials;
    };
    const post = () => ({ method: 'POST', body: Readable.from([Buffer.from('x')], { objectMode: false }) });
    assert.equal(await after(0), 1);
    assert.equal(await after(3_000), 1, 'a GET may be sent twice');
    for (let i = 0; i < 5; i += 1) assert.equal(await after(999, post()), 1);
    assert.equal(await after(1_000, post()), 2, 'the old one gives way, where one is all there may be');
    assert.equal(await after(1_000, { method: 'DELETE' }), 3);
    assert.equal(await after(3_000), 3);
    assert.equal(new Set(seen.map(({ from }) => from)).size, 3);
  });

  test('R8: no more than allowed; who waits is served in turn, told in time, or forgotten', async (t) => {
    const { answer, port, seen, waiting } = await held(t);
    const target = targetOf([port]);
    const pools = client(t, { upstreamConnections: 1, upstreamQueueMs: 500 });
    const first = ask(pools, { target, path: '/1' });
    const second = ask(pools, { target, path: '/2' });
    const gone = ask(pools, { target, path: '/gone' });
    await until(() => waiting.length === 1);
    gone.dispatched.cancel();
    assert.equal(pools.view()[0]?.waiting, 1);
    answer();
    await first.done;
    await until(() => waiting.length === 1);
    const late = ask(pools, { target, path: '/late' });
    const { again, fault } = await late.done;
    assert.deepEqual([fault, again], ['overloaded', false]);
    answer();
    assert.equal((await second.done).fault, null);
    assert.deepEqual(seen, ['/1', '/2']);
    assert.equal(target.dials, 1);
  });

  test('invariant 4: two apps, two routes and two identities never share a connection', async (t) => {
    const ports: number[] = [];
    const port = await httpServer(t, (request, response) => {
      ports.push(request.socket.remotePort ?? 0);
      response.end('ok');
    });
    const pools = client(t);
    const owners: Partial<Ask>[] = [
      { app: appOf() },
      { app: appOf({}, 'bank') },
      { app: appOf(), route: 0 },
      { app: appOf(), route: 1 },
    ];
    for (const owner of [...owners, ...owners]) await ask(pools, { target: targetOf([port]), ...owner }).done;
    assert.equal(new Set(ports).size, 4);
    for (let i = 0; i < 2; i += 1) await ask(pools, { target: targetOf([port], { key: 'other' }) }).done;
    assert.equal(new Set(ports).size, 5);
    await ask(pools, { target: targetOf([port]) }).done;
    assert.equal(new Set(ports).size, 6, 'nor does an identity that comes back find its old connections');
  });

  test('a client that leaves during the dial ends the dial; one that another waits for goes on', async (t) => {
    const { answer, port, waiting } = await held(t);
    const signals: AbortSignal[] = [];
    const open = Promise.withResolvers<void>();
    const real = targetOf([port]);
    const target = targetOf([port], {
      connect: async (order, options) => {
        if (options?.signal) signals.push(options.signal);
        await open.promise;
        return real.connect(order, options);
      },
    });
    const pools = client(t);
    ask(pools, { target }).dispatched.cancel();
    assert.equal(signals[0]?.aborted, true);
    const leaves = ask(pools, { target });
    const stays = ask(pools, { target });
    leaves.dispatched.cancel();
    assert.equal(signals[1]?.aborted, false);
    open.resolve();
    await until(() => waiting.length === 1);
    answer();
    assert.equal((await stays.done).status, 200);
  });

  test('a dial that fails is a fault that may be tried again, on a new connection', async (t) => {
    const { answer, port, waiting } = await held(t);
    const real = targetOf([port]);
    let dials = 0;
    const target = targetOf([port], {
      connect: (order, options) => {
        dials += 1;
        if (dials % 2 === 1) throw new Fault('upstream-connect-timeout');
        return real.connect(order, options);
      },
    });
    const pools = client(t);
    const first = await ask(pools, { target }).done;
    assert.deepEqual([first.fault, first.again], ['upstream-connect-timeout', true]);
    const again = ask(pools, { target, options: { isRetry: true } });
    await until(() => waiting.length === 1);
    answer();
    assert.equal((await again.done).status, 200);
  });

  test('U7: a reused connection that was closed may be tried again, within the budget, and then on a new one', async (t) => {
    let kept = 0;
    const port = await rawServer(t, (socket) => {
      let n = 0;
      socket.on('data', () => {
        n += 1;
        if (n === 1) socket.write('HTTP/1.1 200 OK\r\nContent-Length: 2\r\n\r\nok');
        else if (kept > 0) socket.destroy();
      });
    });
    const pools = client(t);
    const target = targetOf([port]);
    await ask(pools, { target }).done;
    kept = 1;
    const { again, fault } = await ask(pools, { target }).done;
    assert.deepEqual([fault, again], ['upstream-closed', true]);
    const dials = target.dials;
    assert.equal((await ask(pools, { target, options: { isRetry: true } }).done).status, 200);
    assert.equal(target.dials, dials + 1);
    const failures: boolean[] = [];
    for (let i = 0; i < 600; i += 1) {
      const result = await ask(pools, { target }).done;
      if (result.fault !== null) failures.push(result.again);
    }
    const allowed = failures.filter(Boolean).length;
    assert(failures.length >= 299 && allowed > 100 && allowed < 175, `${allowed} of ${failures.length} failures`);
  });

  test('U7: what is never sent again takes nothing of the budget', async (t) => {
    const pools = client(t);
    const target = targetOf([1], { connect: targetThatFails('upstream-refused') });
    const again = async (given: Partial<Ask>) => (await ask(pools, { target, ...given }).done).again;
    for (let i = 0; i < 60; i += 1) {
      assert.equal(await again({ method: 'POST' }), false);
      assert.equal(await again({ body: Readable.from([Buffer.from('hi')]) }), false);
      assert.equal(await again({ options: { isRetry: true } }), false);
    }
    for (let i = 0; i < 50; i += 1) assert.equal(await again({}), true, `GET ${i}`);
  });

  test('what is retired or destroyed ends: at once when idle, with its request when not', async (t) => {
    const { answer, port, waiting } = await held(t);
    const pools = client(t);
    const target = targetOf([port]);
    const running = ask(pools, { target });
    const idle = ask(pools, { target });
    await until(() => waiting.length === 2);
    waiting.pop()?.end('ok');
    await Promise.race([running.done, idle.done]);
    pools.retain(() => false);
    await until(() => target.sockets.filter(({ destroyed }) => destroyed).length >= 1);
    answer();
    await Promise.all([running.done, idle.done]);
    await until(() => target.sockets.every(({ destroyed }) => destroyed));
    const cut = ask(pools, { target });
    await until(() => waiting.length === 1);
    pools.destroy();
    assert.equal((await cut.done).fault, 'upstream-closed');
  });
});

test('R8: an app that nobody asks anything is remembered as long as a WebSocket to it counts', async (t) => {
  const port = await rawServer(t, () => {});
  let now = 1_000_000;
  const limits = { ...DEFAULT_LIMITS, webSockets: 1 };
  const share = { app: 1, person: 1, queue: 0, waitMs: 0 };
  const upstreams = new AppUpstreams('wiki', limits, () => now, new Set(), share);
  t.after(() => upstreams.destroy(new Fault('unavailable')));
  const route = upstreams.route(-1, targetOf([port]));
  const browser = new AbortController();
  const options = { person: 'ada', stickyKey: 'ada', signal: browser.signal };
  const { stream } = await upstreams.connect(route, options);
  assert.equal(upstreams.view()[0]?.connections, 1, 'it is seen');
  upstreams.dueAt(now);
  now += 24 * 3_600_000;
  assert.equal(upstreams.isForgettable(now), false);
  await assert.rejects(upstreams.connect(route, options), { code: 'overloaded' });
  stream.destroy();
  await once(stream, 'close');
  browser.abort();
  assert.equal(upstreams.view()[0]?.connections, 0);
  // For one who is gone already, nothing is held.
  await assert.rejects(upstreams.connect(route, options), (error: Fault) => error.code !== 'overloaded');
  upstreams.dueAt(now);
  now += 24 * 3_600_000;
  assert.equal(upstreams.isForgettable(now), true);
});

suite('R8: turns', () => {
  test('an app’s and a person’s requests at once are bounded; a few wait, the rest is told', async (t) => {
    const { answer, port, waiting } = await held(t);
    const app = appOf({ concurrency: { app: 3, person: 2 } });
    const target = targetOf([port]);
    const pools = client(t, { upstreamTurns: 2, upstreamTurnMs: 10_000 });
    const of = (person: string) => ask(pools, { app, target, options: { person } });
    const ada = [of('ada'), of('ada'), of('ada')];
    const bob = of('bob');
    await until(() => waiting.length === 3);
    assert.equal(pools.view()[0]?.waiting, 1, 'who waits for a turn is seen');
    assert.equal((await of('ada').done).fault, 'overloaded');
    answer();
    await until(() => waiting.length === 3);
    while (waiting.length > 0) answer();
    const answers = await Promise.all([...ada, bob].map(({ done }) => done));
    assert(answers.every(({ status }) => status === 200));
  });

  test('a turn that does not come in time is told, one that is given up is nobody’s', async (t) => {
    const { answer, port, waiting } = await held(t);
    const app = appOf({ concurrency: { app: 1, person: null } });
    const target = targetOf([port]);
    const pools = client(t, { upstreamTurnMs: 300 });
    const first = ask(pools, { app, target });
    ask(pools, { app, target }).dispatched.cancel();
    assert.equal((await ask(pools, { app, target }).done).fault, 'overloaded');
    answer();
    await first.done;
    const last = ask(pools, { app, target });
    await until(() => waiting.length === 1);
    answer();
    assert.equal((await last.done).status, 200);
  });
});

suite('several endpoints', () => {
  test('U8: a person stays with an endpoint, people spread over all of them', async (t) => {
    const ports = await Promise.all(['a', 'b', 'c'].map((name) => named(t, name)));
    const pools = client(t);
    const target = targetOf(ports);
    const chosen = new Map<string, string>();
    for (let round = 0; round < 2; round += 1) {
      for (let person = 0; person < 60; person += 1) {
        const { body } = await ask(pools, { target, options: { stickyKey: `session ${person}` } }).done;
        const before = chosen.get(`${person}`);
        if (before !== undefined) assert.equal(String(body), before);
        chosen.set(`${person}`, String(body));
      }
    }
    assert.equal(new Set(chosen.values()).size, 3);
    const spread = new Set<string>();
    for (let i = 0; i < 30; i += 1) spread.add(String((await ask(pools, { target }).done).body));
    assert.equal(spread.size, 3);
  });

  test('U8: after five failures an endpoint gets no more requests, its people go elsewhere, and later one of them tries it', async (t) => {
    let isBroken = true;
    let asked = 0;
    const flapping = await httpServer(t, (_request, response) => {
      asked += 1;
      response.statusCode = isBroken ? 503 : 200;
      response.end('flapping');
    });
    const steady = await named(t, 'steady');
    const clock = { now: 1_000_000 };
    const pools = client(t, {}, () => clock.now);
    const target = targetOf([flapping, steady]);
    const everyone = async () => {
      const statuses: number[] = [];
      for (let i = 0; i < 20; i += 1)
        statuses.push((await ask(pools, { target, options: { stickyKey: `session ${i}` } }).done).status);
      return statuses.filter((status) => status === 503).length;
    };
    assert.equal(await everyone(), 5);
    assert.equal(await everyone(), 0);
    assert.equal(pools.view()[0]?.endpoints.find(({ port }) => port === flapping)?.state, 'ejected');
    clock.now += 30_001;
    assert.equal(await everyone(), 1, 'the one that tried it');
    clock.now += 60_001;
    isBroken = false;
    asked = 0;
    assert.equal(await everyone(), 0);
    assert(asked > 3, 'its people are back');
    assert.equal(pools.view()[0]?.endpoints.find(({ port }) => port === flapping)?.state, 'well');
  });

  test('U8: opening handshakes choose and eject as requests do: five broken ones, then elsewhere, then one that tries it', async (t) => {
    const [broken, steady] = await Promise.all([rawServer(t, () => {}), rawServer(t, () => {})]);
    const clock = { now: 1_000_000 };
    const pools = client(t, {}, () => clock.now);
    const target = targetOf([broken, steady]);
    const stickyKey = keyFor(target, broken);
    const open = async (signal = new AbortController().signal) => {
      const owner = { app: appOf(), route: -1 };
      const { stream, judge } = await pools.connect(owner, target, { person: 'ada', stickyKey, signal });
      t.after(() => void stream.destroy());
      return { port: (stream as Socket).remotePort, judge };
    };
    const stateOf = (port: number) => pools.view()[0]?.endpoints.find((each) => each.port === port)?.state;
    const fates: UpgradeFate[] = [
      { kind: 'failed', code: 'upstream-closed' },
      { kind: 'failed', code: 'upstream-timeout' },
      { kind: 'failed', code: 'upgrade-failed' },
      { kind: 'answered', status: 503 },
    ];
    const leaving = new AbortController();
    for (const fate of fates) {
      const { judge, port } = await open();
      assert.equal(port, broken);
      judge(fate);
      judge(fate);
    }
    const left = await open(leaving.signal);
    leaving.abort();
    left.judge({ kind: 'failed', code: 'upstream-closed' });
    assert.equal(stateOf(broken), 'well', 'four, each told once; whose browser is gone says nothing');
    (await open()).judge({ kind: 'failed', code: 'upstream-protocol' });
    assert.equal(stateOf(broken), 'ejected');
    assert.equal((await open()).port, steady);
    clock.now += 30_001;
    const probe = await open();
    assert.deepEqual([probe.port, (await open()).port], [broken, steady], 'one tries it');
    probe.judge({ kind: 'answered', status: 101 });
    assert.equal(stateOf(broken), 'well');
    assert.equal((await open()).port, broken);
  });

  test('U8: a server of HTTP/2 that takes no WebSocket keeps its requests', async (t) => {
    const port = await rawServer(t, () => {});
    const pools = client(t);
    const target = targetOf([port], { protocol: 'h2' });
    const stopped = { ...target, connect: targetThatFails('upstream-tls-failed') };
    const options = { person: 'ada', stickyKey: 'anybody', signal: new AbortController().signal };
    for (let i = 0; i < 6; i += 1) {
      const { judge } = await pools.connect({ app: appOf(), route: -1 }, target, options);
      judge({ kind: 'failed', code: 'upstream-protocol' });
      await assert.rejects(pools.connect({ app: appOf(), route: -1 }, stopped, options));
    }
    assert.equal(pools.view()[0]?.endpoints[0]?.state, 'well');
  });

  test('U8: an address that refuses handshakes costs nobody one, and is left alone after five', async (t) => {
    const steady = await rawServer(t, () => {});
    const pools = client(t);
    const target = targetOf([endpoint(1), steady]);
    const options = { person: 'ada', stickyKey: keyFor(target, 1), signal: new AbortController().signal };
    for (let i = 0; i < 6; i += 1) {
      const { stream, judge } = await pools.connect({ app: appOf(), route: -1 }, target, options);
      judge({ kind: 'answered', status: 101 });
      stream.destroy();
    }
    const closed = pools.view()[0]?.endpoints[0];
    assert.deepEqual([closed?.state, closed?.lastFailure?.why], ['ejected', 'upstream-refused']);
  });

  test('U8: never all of them: when every endpoint fails, every one is still tried', async (t) => {
    const ports = await Promise.all([named(t, 'a', () => 502), named(t, 'b', () => 502)]);
    const pools = client(t);
    const target = targetOf(ports);
    const names = new Set<string>();
    for (let i = 0; i < 40; i += 1) names.add(String((await ask(pools, { target }).done).body));
    assert(pools.view()[0]?.endpoints.every(({ state }) => state === 'ejected'));
    names.clear();
    for (let i = 0; i < 10; i += 1) names.add(String((await ask(pools, { target }).done).body));
    assert.deepEqual([...names].sort(), ['a', 'b']);
  });

  test('U8: a closed port costs nobody an answer, and is left alone after five attempts', async (t) => {
    const steady = await httpServer(t, (_request, response) => {
      response.setHeader('Connection', 'close');
      response.end('steady');
    });
    const pools = client(t);
    const target = targetOf([endpoint(1), steady]);
    for (let i = 0; i < 40; i += 1) {
      const { status } = await ask(pools, { target, options: { stickyKey: `session ${i}` } }).done;
      assert.equal(status, 200);
    }
    const closed = pools.view()[0]?.endpoints[0];
    assert.deepEqual([closed?.state, closed?.lastFailure?.why], ['ejected', 'upstream-refused']);
  });

  test('R8: where all connections are taken, one to another address gives way when it is idle', async (t) => {
    const a = await held(t);
    const b = await named(t, 'b');
    const pools = client(t, { upstreamConnections: 1, upstreamKeepAliveMs: 60_000 });
    const target = targetOf([a.port, b]);
    const of = (port: number) => ask(pools, { target, options: { stickyKey: keyFor(target, port) } });
    const first = of(a.port);
    await until(() => a.waiting.length === 1);
    const second = of(b);
    a.answer();
    await first.done;
    assert.equal(String((await second.done).body), 'b');
    const third = of(a.port);
    await until(() => a.waiting.length === 1);
    a.answer();
    await third.done;
    assert.equal(target.dials, 3);
  });

  test('U6: new addresses are used at once, old ones end with their last request', async (t) => {
    const old = await held(t);
    const fresh = await named(t, 'fresh');
    const pools = client(t);
    const before = targetOf([old.port]);
    const running = ask(pools, { target: before });
    const idle = ask(pools, { target: before });
    await until(() => old.waiting.length === 2);
    old.waiting.pop()?.end('ok');
    await Promise.race([running.done, idle.done]);
    assert.equal(String((await ask(pools, { target: targetOf([fresh]) }).done).body), 'fresh');
    await until(() => before.sockets.filter(({ destroyed }) => destroyed).length === 1);
    old.answer();
    const answers = await Promise.all([running.done, idle.done]);
    assert(answers.every(({ status }) => status === 200));
    await until(() => before.sockets.every(({ destroyed }) => destroyed));
  });

  test('U6: who waits for an address that is gone is served by the new one', async (t) => {
    const old = await held(t);
    const fresh = await named(t, 'fresh');
    const pools = client(t, { upstreamConnections: 1 });
    const running = ask(pools, { target: targetOf([old.port]) });
    await until(() => old.waiting.length === 1);
    const waiting = ask(pools, { target: targetOf([old.port]) });
    const next = ask(pools, { target: targetOf([fresh]) });
    old.answer();
    await running.done;
    assert.equal(String((await waiting.done).body), 'fresh');
    assert.equal(String((await next.done).body), 'fresh');
  });
});

suite('health checks', () => {
  test('a GET without anybody’s identity; who fails it is not chosen until two were good', async (t) => {
    let status = 500;
    const checks: { headers: string[]; url: string }[] = [];
    const listener =
      (name: string) =>
      (request: { headers: object; rawHeaders: string[]; url?: string }, response: ServerResponse) => {
        if (request.url === '/health') checks.push({ headers: request.rawHeaders, url: request.url });
        response.statusCode = request.url === '/health' && name === 'a' ? status : 200;
        response.end(name);
      };
    const ports = await Promise.all([httpServer(t, listener('a')), httpServer(t, listener('b'))]);
    const app = appOf({ healthCheck: { path: '/health', everyMs: 250 } });
    const pools = client(t);
    const target = targetOf(ports);
    const headers = ['Host', 'wiki.corp.example', 'Cookie', 'a=b', 'Foyer-Assertion', 'secret'];
    const one = () => ask(pools, { app, target, headers }).done;
    await one();
    const stateOf = () => pools.view()[0]?.endpoints[0]?.state;
    await until(() => stateOf() === 'failing');
    assert.equal(pools.view()[0]?.endpoints[0]?.lastFailure?.why, 'health check: status 500');
    for (let i = 0; i < 10; i += 1) assert.equal(String((await one()).body), 'b');
    status = 204;
    await until(() => stateOf() === 'well');
    const names = new Set<string>();
    while (names.size < 2) names.add(String((await one()).body));
    assert.deepEqual(checks[0]?.headers, [
      ...['Host', 'wiki.corp.example', 'User-Agent', 'Foyer-Health-Check', 'Accept', '*/*'],
    ]);
  });

  test('begins without a request, goes on without any while the app is kept, and ends as the catalogue says so', async (t) => {
    const checks: string[] = [];
    const port = await httpServer(t, (request, response) => {
      checks.push(`${request.headers.host} ${request.url}`);
      response.statusCode = 500;
      response.end();
    });
    const clock = { now: 1_000_000 };
    const pools = client(t, {}, () => clock.now);
    const target = targetOf([port]);
    const app = appOf({ healthCheck: { path: '/health', everyMs: 60_000 } });
    const keep = (): void => pools.keepChecking({ app, route: -1 }, target, 'wiki.test');
    const forMinutes = async (minutes: number): Promise<number> => {
      const before = checks.length;
      for (let i = 0; i < minutes; i += 2) {
        const { length } = checks;
        clock.now += 120_000;
        keep();
        await until(() => checks.length > length);
      }
      return checks.length - before;
    };
    keep();
    await until(() => pools.view()[0]?.endpoints[0]?.state === 'failing');
    assert.deepEqual(checks, ['wiki.test /health']);
    assert((await forMinutes(20)) >= 10);
    const known = (next: typeof app) => new Map([[app.id, next]]);
    for (const ended of [{ ...app, enabled: false }, appOf(), null]) {
      keep();
      await forMinutes(2);
      if (ended !== null) pools.adopt(known(ended));
      else pools.retain(() => false);
      const { length } = checks;
      clock.now += 120_000;
      // What is swept with it has been looked at by then: a fresh pool's check came with the same sweep.
      const other = { app: { ...app, id: 'other' }, route: -1 };
      pools.keepChecking(other, targetOf([port], { key: 'other' }), 'other.test');
      await until(() => checks.length > length);
      assert.deepEqual(checks.slice(length), ['other.test /health']);
      pools.retain((owner) => owner !== 'other');
      pools.adopt(known(app));
    }
  });

  test('an address that fails its check is used again once the app has no check any more, or is switched off', async (t) => {
    const ill = await httpServer(t, (request, response) => {
      response.statusCode = request.url === '/health' ? 404 : 200;
      response.end('ill');
    });
    const steady = await named(t, 'steady');
    const checked = appOf({ healthCheck: { path: '/health', everyMs: 60_000 } });
    for (const ended of [appOf(), { ...checked, enabled: false }]) {
      const pools = client(t);
      const target = targetOf([ill, steady]);
      const options = { stickyKey: keyFor(target, ill) };
      const stateOf = () => pools.view()[0]?.endpoints[0]?.state;
      await ask(pools, { app: checked, target, options }).done;
      await until(() => stateOf() === 'failing');
      assert.equal(String((await ask(pools, { app: checked, target, options }).done).body), 'steady');
      pools.adopt(new Map([[ended.id, ended]]));
      assert.equal(stateOf(), 'well');
      assert.equal(String((await ask(pools, { app: ended, target, options }).done).body), 'ill');
    }
  });

  test('an endpoint that does not answer fails its check, and a check never holds a place of the app', async (t) => {
    const silent = await rawServer(t, () => {});
    const steady = await named(t, 'steady');
    const app = appOf({ healthCheck: { path: '/', everyMs: 300 } });
    const pools = client(t, { upstreamConnections: 1 });
    const target = targetOf([silent, steady]);
    const key = keyFor(target, steady);
    await ask(pools, { app, target, options: { stickyKey: key } }).done;
    await until(() => pools.view()[0]?.endpoints[0]?.state === 'failing');
    assert.equal((await ask(pools, { app, target, options: { stickyKey: key } }).done).status, 200);
  });
});

test('a body is not asked for before a connection carries its request', async (t) => {
  const { answer, port, waiting } = await held(t);
  const pools = client(t, { upstreamConnections: 1 });
  const target = targetOf([port]);
  ask(pools, { target });
  await until(() => waiting.length === 1);
  const body = new PassThrough();
  let isCarried = false;
  const upload = ask(pools, { target, method: 'POST', body });
  void upload.carried.then(() => {
    isCarried = true;
  });
  assert.equal(isCarried, false);
  assert.equal(body.listenerCount('data'), 0);
  answer();
  await upload.carried;
  body.end('x');
  await until(() => waiting.length === 1);
  answer();
  assert.equal((await upload.done).status, 200);
});
