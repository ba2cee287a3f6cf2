// Many queries share one connection, each gets its own answer whatever else is said on it, and a connection that died meanwhile harms nobody.
import assert from 'node:assert/strict';
import { createSocket } from 'node:dgram';
import { once } from 'node:events';
import { type TestContext, test } from 'node:test';
import { createAuthority } from '../certificates.testing.ts';
import { createExchange } from './exchange.ts';
import { framed } from './frame.ts';
import { nameText } from './name.ts';
import { a, question, replyTo } from './packet.testing.ts';
import type { ExchangeResult } from './query.ts';
import { type Heard, type StreamServerOptions, startStreamServer } from './stream-server.testing.ts';
import { decode, encode } from './wire.ts';

const NAME = 'dns.corp.internal';
const authority = await createAuthority('DNS test authority');
const leaf = await authority.issue({ names: [NAME] });
const nth = (at: number) => question(`n${at}.corp.internal`);
/** Each name has an address of its own: an answer that went to another query shows. */
const addressOf = (text: string) => `192.168.7.${/^n(\d+)/.exec(text)?.[1]}`;
const textOf = ({ query }: Heard) => nameText(query.questions[0]?.name ?? assert.fail('a query has a question'));
const good = (heard: Heard) =>
  heard.reply(replyTo(heard.query, { answers: [a(textOf(heard), addressOf(textOf(heard)))] }));

test('a hundred queries at once go over one connection, and answers in another order find their queries', async (t) => {
  const waiting: Heard[] = [];
  const { server, connections, ask } = await startPool(t, {
    answer: (heard) => {
      waiting.push(heard);
      if (waiting.length === 100) for (const each of waiting.reverse()) good(each);
    },
  });
  const results = await Promise.all(Array.from({ length: 100 }, (_, at) => ask(nth(at))));
  assert.deepEqual(
    results.map(told),
    Array.from({ length: 100 }, (_, at) => `192.168.7.${at}`),
  );
  assert.equal(connections.length, 1);
  assert.equal(new Set(waiting.map(({ query }) => query.id)).size, 100, 'ids on one connection differ');
  assert.ok(server.tlsName);
});

test('TCP to a server without TLS is shared in the same way', async (t) => {
  const waiting: Heard[] = [];
  const tcp = await startStreamServer(t, {
    answer: (heard) => {
      waiting.push(heard);
      if (waiting.length === 20) for (const each of waiting.reverse()) good(each);
    },
  });
  await truncateAll(t, tcp.server.port);
  const { exchange } = exchanging(t);
  const asked = Array.from({ length: 20 }, (_, at) => exchange(tcp.server, nth(at), { timeoutMs: 2000 }));
  assert.deepEqual(
    (await Promise.all(asked)).map(told),
    Array.from({ length: 20 }, (_, at) => `192.168.7.${at}`),
  );
  assert.equal(tcp.connections.length, 1);
});

test('D6: on a shared connection, too, wrong ids, other questions, other cases and answers to others are ignored', async (t) => {
  const { ask } = await startPool(t, {
    answer: (heard) => {
      const { query, reply } = heard;
      const evil = { answers: [a(textOf(heard), '10.6.6.6')] };
      reply(replyTo({ ...query, id: query.id ^ 1 }, evil));
      reply(replyTo({ ...query, questions: [question('evil.corp.internal')] }, evil));
      reply(replyTo({ ...query, questions: [question(textOf(heard), 28)] }, evil));
      reply(replyTo({ ...query, questions: [question(textOf(heard).toUpperCase())] }, evil));
      reply({ ...replyTo(query, evil), isResponse: false });
      good(heard);
    },
  });
  assert.deepEqual((await Promise.all([ask(nth(1)), ask(nth(2))])).map(told), ['192.168.7.1', '192.168.7.2']);
});

test('D6: a server that only talks of other things is not listened to for ever', async (t) => {
  const { ask, connections } = await startPool(t, {
    answer: ({ query, socket }) => {
      const nonsense = framed(encode(replyTo({ ...query, id: query.id ^ 1 }, {})));
      socket.write(Buffer.concat(Array.from({ length: 101 }, () => nonsense)));
    },
  });
  assert.deepEqual(await ask(nth(1)), { kind: 'failed', reason: 'malformed' });
  await closed(connections);
});

test('D1: an answer that cannot be read costs its own query only, and one that is nobody’s the connection', async (t) => {
  const { ask, connections } = await startPool(t, {
    answer: (heard) => {
      const { query, socket } = heard;
      if (!textOf(heard).startsWith('n1.')) return void setTimeout(() => good(heard), 20);
      const damaged = Buffer.concat([encode(replyTo(query, {})), Buffer.of(0)]);
      socket.write(framed(damaged));
    },
  });
  assert.deepEqual((await Promise.all([ask(nth(1)), ask(nth(2))])).map(told), ['malformed', '192.168.7.2']);
  assert.equal(connections.length, 1);
  const other = await startPool(t, { answer: ({ socket }) => void socket.write(framed(Buffer.alloc(3))) });
  assert.deepEqual((await Promise.all([other.ask(nth(1)), other.ask(nth(2))])).map(told), ['malformed', 'malformed']);
});

test('D7: a server that closes its idle connections is asked again at once over a new one', async (t) => {
  const { ask, connections } = await startPool(t, { answer: good });
  await ask(nth(1));
  // The far end is gone, and whether this side has noticed yet is chance.
  connections[0]?.destroy();
  assert.equal(told(await ask(nth(2))), '192.168.7.2');
  assert.equal(connections.length, 2);
});

test('D7: of queries on a connection that ends after one answer the others are asked once more', async (t) => {
  const { ask, connections } = await startPool(t, {
    answer: (heard) => {
      if (connections.length > 1) return good(heard);
      if (textOf(heard).startsWith('n1.')) good(heard);
      heard.socket.end();
      return undefined;
    },
  });
  assert.deepEqual((await Promise.all([ask(nth(1)), ask(nth(2)), ask(nth(3))])).map(told), [
    ...['192.168.7.1', '192.168.7.2', '192.168.7.3'],
  ]);
  assert.equal(connections.length, 2);
});

test('D7: a server that never does anything but close is dialled once for each query', async (t) => {
  const { ask, connections } = await startPool(t, { answer: ({ socket }) => void socket.destroy() });
  assert.equal(told(await ask(nth(1))), 'closed');
  assert.equal(connections.length, 1);
});

test('D7: a connection that went silent is given no more queries, and one byte a while keeps nobody', async (t) => {
  const { ask, connections } = await startPool(t, {
    answer: (heard) => {
      if (connections.length > 1) return good(heard);
      const drip = setInterval(() => heard.socket.write(Buffer.of(0xff)), 20);
      heard.socket.on('close', () => clearInterval(drip));
      return undefined;
    },
  });
  assert.equal(told(await ask(nth(1), 200)), 'timeout');
  assert.equal(told(await ask(nth(2))), '192.168.7.2');
  assert.equal(connections.length, 2);
});

test('one slow answer does not cost its neighbours the connection', async (t) => {
  const { ask, connections } = await startPool(t, {
    answer: (heard) => {
      if (!textOf(heard).startsWith('n1.')) good(heard);
    },
  });
  const slow = ask(nth(1), 300);
  for (let at = 2; at < 6; at++) assert.equal(told(await ask(nth(at))), `192.168.7.${at}`);
  assert.equal(told(await slow), 'timeout');
  assert.equal(told(await ask(nth(6))), '192.168.7.6');
  assert.equal(connections.length, 1);
});

test('D7: what waits for one server is bounded: beyond 256 queries the next fails at once', async (t) => {
  const { ask, connections, heard } = await startPool(t, {});
  const waiting = Array.from({ length: 256 }, (_, at) => ask(nth(at), 1_000));
  const startedAt = performance.now();
  assert.deepEqual(await ask(nth(256)), { kind: 'failed', reason: 'overloaded' });
  assert.ok(performance.now() - startedAt < 500);
  assert.deepEqual(new Set((await Promise.all(waiting)).map(told)), new Set(['timeout']));
  assert.ok(connections.length <= 2 && heard.length <= 256);
});

test('an idle connection is closed after its time, and closing the whole ends what is under way', async (t) => {
  const idle = await startPool(t, { answer: good, idleMs: 30 });
  await idle.ask(nth(1));
  await closed(idle.connections);
  const busy = await startPool(t, {});
  const waiting = busy.ask(nth(1));
  while (busy.heard.length === 0) await new Promise(setImmediate);
  busy.close();
  assert.deepEqual(await waiting, { kind: 'failed', reason: 'aborted' });
  assert.deepEqual(await busy.ask(nth(2)), { kind: 'failed', reason: 'aborted' });
  await closed(busy.connections);
});

function told(result: ExchangeResult): string {
  if (result.kind === 'failed') return result.reason;
  const [record] = result.message.answers;
  return record?.data.kind === 'a' ? record.data.address : 'nothing';
}

async function startPool(t: TestContext, { answer, idleMs }: StreamServerOptions & { idleMs?: number }) {
  const started = await startStreamServer(t, { tls: leaf, tlsName: NAME, ...(answer ? { answer } : {}) });
  const { exchange, close } = exchanging(t, idleMs);
  const ask = (asked: ReturnType<typeof nth>, timeoutMs = 2_000) => exchange(started.server, asked, { timeoutMs });
  return { ...started, ask, close };
}

function exchanging(t: TestContext, idleMs?: number) {
  const own = createExchange({ ca: () => [authority.pem], now: Date.now, ...(idleMs === undefined ? {} : { idleMs }) });
  t.after(own.close);
  return own;
}

/** Answers every query by UDP with nothing but the advice to come by TCP. */
async function truncateAll(t: TestContext, port: number): Promise<void> {
  const udp = createSocket('udp4');
  udp.on('message', (bytes, from) => {
    const decoded = decode(bytes);
    assert.ok(decoded.kind === 'message');
    udp.send(encode(replyTo(decoded.message, { isTruncated: true })), from.port, from.address);
  });
  udp.bind(port, '127.0.0.1');
  await once(udp, 'listening');
  t.after(() => udp.close());
}

async function closed(connections: readonly import('node:net').Socket[]): Promise<void> {
  assert.ok(connections.length > 0);
  await Promise.all(connections.map((socket) => (socket.closed ? null : once(socket, 'close'))));
}
