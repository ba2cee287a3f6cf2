// One exchange believes only the answer to its own question, waits for it in spite of anything else, and always ends in time.
import assert from 'node:assert/strict';
import { createSocket, type RemoteInfo } from 'node:dgram';
import { once } from 'node:events';
import { type AddressInfo, createServer, type Socket } from 'node:net';
import { after, type TestContext, test } from 'node:test';
import { createExchange } from './exchange.ts';
import { type Message, RCODE } from './message.ts';
import { a, endpoint, name, question, replyTo } from './packet.testing.ts';
import { decode, encode } from './wire.ts';

const { exchange, close } = createExchange({ ca: () => [], now: Date.now });
after(close);

const asked = question('wiki.corp.internal');
const good = (query: Message) => replyTo(query, { answers: [a('wiki.corp.internal', '192.168.1.20')] });

test('a plain answer comes by UDP', async (t) => {
  const server = await udpServer(t, (query, reply) => reply(encode(good(query))));
  const result = await exchange(server, asked, { timeoutMs: 2000 });
  assert.ok(result.kind === 'answered');
  assert.equal(result.transport, 'udp');
  assert.equal(result.message.answers.length, 1);
});

test('D6: wrong id, wrong question, other case, a query, junk and other senders are ignored until the right answer comes', async (t) => {
  const stranger = createSocket('udp4');
  t.after(() => stranger.close());
  const server = await udpServer(t, (query, reply, from) => {
    const evil = { answers: [a('wiki.corp.internal', '10.6.6.6')] };
    stranger.send(encode(replyTo(query, evil)), from.port, from.address, () => {
      reply(encode(replyTo({ ...query, id: query.id ^ 1 }, evil)));
      reply(encode(replyTo({ ...query, questions: [question('evil.corp.internal')] }, evil)));
      reply(encode(replyTo({ ...query, questions: [question('wiki.corp.internal', 28)] }, evil)));
      reply(encode(replyTo({ ...query, questions: [{ ...asked, class: 3 }] }, evil)));
      reply(encode(replyTo({ ...query, questions: [question('WIKI.corp.internal')] }, evil)));
      reply(encode(replyTo({ ...query, questions: [] }, evil)));
      reply(encode({ ...replyTo(query, evil), isResponse: false }));
      reply(encode({ ...replyTo(query, evil), opcode: 5 }));
      reply(Buffer.concat([encode(replyTo(query, evil)), Buffer.of(0)]));
      reply(Buffer.of(1, 2, 3));
      reply(Buffer.alloc(0));
      reply(encode(good(query)));
    });
  });
  const result = await exchange(server, asked, { timeoutMs: 2000 });
  assert.ok(result.kind === 'answered');
  assert.deepEqual(result.message.answers, [a('wiki.corp.internal', '192.168.1.20')]);
});

test('D6: of a thousand queries, ids and ports are spread over their whole range and follow no step', async (t) => {
  const ports: number[] = [];
  const ids: number[] = [];
  const server = await udpServer(t, (query, reply, from) => {
    ports.push(from.port);
    ids.push(query.id);
    reply(encode(good(query)));
  });
  for (let at = 0; at < 1_000; at++)
    assert.equal((await exchange(server, asked, { timeoutMs: 2000 })).kind, 'answered');
  for (const [what, numbers] of Object.entries({ ids, ports })) {
    // Of 1000 out of 28,000 ports chance repeats about 18, of 65,536 ids about 8.
    assert.ok(new Set(numbers).size > 940, `${what}: ${new Set(numbers).size} different ones`);
    const steps = new Map<number, number>();
    for (const [at, number] of numbers.slice(1).entries()) {
      const step = number - (numbers[at] ?? 0);
      steps.set(step, (steps.get(step) ?? 0) + 1);
    }
    const commonest = Math.max(...steps.values());
    assert.ok(commonest < 10, `${what}: one step ${commonest} times`);
    const [least, most] = [Math.min(...numbers), Math.max(...numbers)];
    const quarters = [0, 0, 0, 0];
    for (const number of numbers) {
      const quarter = Math.min(3, Math.floor(((number - least) * 4) / (most - least)));
      quarters[quarter] = (quarters[quarter] ?? 0) + 1;
    }
    assert.ok(Math.min(...quarters) > 150, `${what}: quarters of the range hold ${quarters}`);
    assert.ok(most - least > (what === 'ids' ? 60_000 : 10_000), `${what}: ${least} to ${most}`);
  }
});

test('D5: a truncated answer is fetched by TCP, also when it comes in single bytes', async (t) => {
  const addresses = Array.from({ length: 100 }, (_, at) => a('wiki.corp.internal', `192.168.2.${at}`));
  const server = await bothServers(t, {
    udp: (query) => encode(replyTo(query, { isTruncated: true })),
    tcp: (query, socket) => {
      for (const byte of frame(encode(replyTo(query, { answers: addresses })))) socket.write(Buffer.of(byte));
    },
  });
  const result = await exchange(server, asked, { timeoutMs: 2000 });
  assert.ok(result.kind === 'answered');
  assert.equal(result.transport, 'tcp');
  assert.equal(result.message.answers.length, 100);
});

test('D7: over TCP, truncation, silence, a close, junk and one byte a while all end in time', async (t) => {
  const table: [tcp: (query: Message, socket: Socket) => void, reason: string][] = [
    [(query, socket) => socket.write(frame(encode(replyTo(query, { isTruncated: true })))), 'malformed'],
    [(_, socket) => socket.write(frame(Buffer.from('not a message'))), 'malformed'],
    [(_, socket) => socket.end(), 'closed'],
    [(_, socket) => socket.resetAndDestroy(), 'closed'],
    [(_, socket) => socket.write(Buffer.of(0)), 'timeout'],
    [() => {}, 'timeout'],
  ];
  for (const [tcp, reason] of table) {
    const server = await bothServers(t, { udp: (query) => encode(replyTo(query, { isTruncated: true })), tcp });
    const timeoutMs = reason === 'timeout' ? 200 : 5_000;
    assert.deepEqual(await exchange(server, asked, { timeoutMs }), { kind: 'failed', reason });
  }
});

test('a server that is too old for EDNS is asked without it (RFC 6891 §6.2.2)', async (t) => {
  const server = await udpServer(t, (query, reply) => {
    const refusal = encode({ ...replyTo(query, { rcode: RCODE.FORMERR }), questions: [] });
    reply(query.edns === null ? encode(good(query)) : refusal);
  });
  const result = await exchange(server, asked, { timeoutMs: 2000 });
  assert.ok(result.kind === 'answered' && result.message.answers.length === 1);
});

test('D7: an address that there is no way to is unreachable at once, and ends nothing else', async () => {
  // The kernel refuses to connect to it (EACCES without SO_BROADCAST), as it refuses where there is no route: no packet is sent.
  const nowhere = endpoint('255.255.255.255', 53);
  assert.deepEqual(await exchange(nowhere, asked, { timeoutMs: 2000 }), { kind: 'failed', reason: 'unreachable' });
});

test('a closed port is known at once, silence after the timeout, and an abort ends the wait', async (t) => {
  const closed = await udpServer(t, () => {});
  await closed.stop();
  assert.deepEqual(await exchange(closed, asked, { timeoutMs: 2000 }), { kind: 'failed', reason: 'unreachable' });
  const silent = await udpServer(t, () => {});
  assert.deepEqual(await exchange(silent, asked, { timeoutMs: 50 }), { kind: 'failed', reason: 'timeout' });
  const ended = AbortSignal.abort();
  assert.deepEqual(await exchange(silent, asked, { timeoutMs: 2000, signal: ended }), {
    kind: 'failed',
    reason: 'aborted',
  });
  const controller = new AbortController();
  const waiting = exchange(silent, asked, { timeoutMs: 2000, signal: controller.signal });
  controller.abort();
  assert.deepEqual(await waiting, { kind: 'failed', reason: 'aborted' });
});

test('an exchange works over IPv6', async (t) => {
  const server = await udpServer(t, (query, reply) => reply(encode(good(query))), '::1');
  assert.equal((await exchange(server, asked, { timeoutMs: 2000 })).kind, 'answered');
});

type Reply = (bytes: Uint8Array) => void;

async function udpServer(
  t: TestContext,
  answer: (query: Message, reply: Reply, from: RemoteInfo) => void,
  at = '127.0.0.1',
  port = 0,
) {
  const socket = createSocket(at.includes(':') ? 'udp6' : 'udp4');
  const stop = async () => {
    if (isStopped) return;
    isStopped = true;
    const closed = once(socket, 'close');
    socket.close();
    await closed;
  };
  let isStopped = false;
  t.after(stop);
  socket.on('message', (bytes, from) => {
    const decoded = decode(bytes);
    assert.ok(decoded.kind === 'message');
    assert.deepEqual(decoded.message.questions[0]?.name, name('wiki.corp.internal'));
    answer(decoded.message, (reply) => socket.send(reply, from.port, from.address), from);
  });
  socket.bind(port, at);
  await once(socket, 'listening');
  return { ...endpoint(at, socket.address().port), stop };
}

async function bothServers(
  t: TestContext,
  answers: { udp: (query: Message) => Buffer; tcp: (query: Message, socket: Socket) => void },
) {
  const sockets = new Set<Socket>();
  const tcp = createServer((socket) => {
    sockets.add(socket);
    socket.on('error', () => {});
    socket.once('data', (frameBytes: Buffer) => {
      const decoded = decode(frameBytes.subarray(2));
      assert.ok(decoded.kind === 'message');
      answers.tcp(decoded.message, socket);
    });
  });
  tcp.listen(0, '127.0.0.1');
  await once(tcp, 'listening');
  t.after(() => {
    for (const socket of sockets) socket.destroy();
    tcp.close();
  });
  const { port } = tcp.address() as AddressInfo;
  return udpServer(t, (query, reply) => reply(answers.udp(query)), '127.0.0.1', port);
}

function frame(bytes: Buffer): Buffer {
  return Buffer.concat([Buffer.of(bytes.length >> 8, bytes.length & 0xff), bytes]);
}
