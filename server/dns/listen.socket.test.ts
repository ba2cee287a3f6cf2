// The DNS server's sockets serve well-behaved clients over UDP and TCP, and no client can hold or hurt it.
import assert from 'node:assert/strict';
import { createSocket } from 'node:dgram';
import { Resolver } from 'node:dns/promises';
import { once } from 'node:events';
import { connect, type Socket } from 'node:net';
import { type TestContext, test } from 'node:test';
import { setImmediate } from 'node:timers/promises';
import { parseAddress } from '#server/core/address.ts';
import type { Client } from './answerer.ts';
import { zoneAnswerer } from './authority.ts';
import { DnsListenError, startDnsServer } from './listen.ts';
import { CLASS, type Message, TYPE } from './message.ts';
import { parseName, ROOT } from './name.ts';
import { decode, encode } from './wire.ts';
import { buildZone } from './zone.ts';

const loopback = parseAddress('127.0.0.1') ?? assert.fail();
const ipv6Loopback = parseAddress('::1') ?? assert.fail();

test('a system resolver gets addresses, aliases and absences', async (t) => {
  const { resolver } = await serve(t);
  assert.deepEqual(await resolver.resolve4('wiki.corp.internal', { ttl: true }), [
    { address: '192.168.1.20', ttl: 60 },
  ]);
  assert.deepEqual(await resolver.resolve6('docs.corp.internal'), ['fd00::20']);
  await assert.rejects(resolver.resolve4('none.corp.internal'), { code: 'ENOTFOUND' });
  await assert.rejects(resolver.resolveMx('wiki.corp.internal'), { code: 'ENODATA' });
  await assert.rejects(resolver.resolve4('example.com'), { code: 'EREFUSED' });
});

test('the server also listens on IPv6', async (t) => {
  const server = await startDnsServer({ address: ipv6Loopback, port: 0, answer: zoneAnswerer(() => zones) });
  t.after(() => server.close());
  const resolver = new Resolver({ timeout: 2000, tries: 1 });
  resolver.setServers([`[::1]:${server.port}`]);
  assert.deepEqual(await resolver.resolve4('wiki.corp.internal'), ['192.168.1.20']);
});

test('D5: an answer that is too long for UDP comes by TCP', async (t) => {
  const { resolver } = await serve(t);
  assert.equal((await resolver.resolve4('many.corp.internal')).length, 200);
});

test('D5: queries pipelined and split at any byte are all answered in order', async (t) => {
  const { server } = await serve(t);
  const socket = await dial(t, server.port);
  const frames = Buffer.concat([1, 2, 3].map((id) => frame(query(id, 'wiki.corp.internal'))));
  const replies = readReplies(socket, 3);
  for (const byte of frames) socket.write(Buffer.of(byte));
  assert.deepEqual(
    (await replies).map((reply) => reply.id),
    [1, 2, 3],
  );
});

test('D5: a client that has said all it will say still gets its answers', async (t) => {
  const { server } = await serve(t);
  const socket = await dial(t, server.port);
  const replies = readReplies(socket, 1);
  socket.end(frame(query(7, 'wiki.corp.internal')));
  assert.equal((await replies)[0]?.id, 7);
  await once(socket, 'close');
});

test('D5: length 0, a length nobody needs, and idling or dribbling end the connection', async (t) => {
  const { server } = await serve(t);
  for (const bytes of [Buffer.of(0, 0), Buffer.of(0xff, 0xff), Buffer.alloc(0), Buffer.of(0, 40, 1)]) {
    const socket = await dial(t, server.port);
    socket.write(bytes);
    await once(socket.resume(), 'close');
  }
});

test('D5: connections beyond the cap are closed and those within it go on', async (t) => {
  const { server } = await serve(t);
  const held = await Promise.all([1, 2, 1, 2].map((client) => dial(t, server.port, `127.0.0.${client}`)));
  const beyond = await dial(t, server.port);
  await once(beyond.resume(), 'close');
  for (const [at, socket] of held.entries()) {
    const replies = readReplies(socket, 1);
    socket.write(frame(query(at, 'wiki.corp.internal')));
    assert.equal((await replies)[0]?.id, at);
  }
});

test('D5: one client that takes all the connections that it gets leaves as many to the others', async (t) => {
  const { server } = await serve(t);
  const greedy = await Promise.all([1, 2].map(() => dial(t, server.port)));
  for (let at = 0; at < 5; at++) await once((await dial(t, server.port)).resume(), 'close');
  const other = await dial(t, server.port, '127.0.0.2');
  const replies = readReplies(other, 1);
  other.write(frame(query(9, 'wiki.corp.internal')));
  assert.equal((await replies)[0]?.id, 9);
  const freed = once(greedy[0]?.resume() ?? assert.fail(), 'close');
  greedy[0]?.end();
  await freed;
  const again = await dial(t, server.port);
  const answered = readReplies(again, 1);
  again.write(frame(query(8, 'wiki.corp.internal')));
  assert.equal((await answered)[0]?.id, 8);
});

for (const answered of ['at once', 'later'] as const)
  test(`D4: a client that asks faster than one may is read more slowly, loses nothing, and nobody else waits; answered ${answered}`, async (t) => {
    const asked: string[] = [];
    // The first question is taken at once, each of the others is held.
    const waits = new Map([['127.0.0.1', [0, 150, 0, 150]]]);
    const hold = ({ address }: Client): number => {
      asked.push(address);
      return waits.get(address)?.shift() ?? 0;
    };
    const { server } = await serve(t, hold, answered);
    const hasty = await dial(t, server.port);
    const replies = readReplies(hasty, 3);
    // Half-closed at once, and held for longer than an idle connection may last: it is we who owe.
    hasty.end(Buffer.concat([1, 2, 3].map((id) => frame(query(id, 'wiki.corp.internal')))));
    const other = await dial(t, server.port, '127.0.0.2');
    const others = readReplies(other, 1);
    other.write(frame(query(9, 'wiki.corp.internal')));
    assert.equal((await others)[0]?.id, 9);
    assert.ok(asked.filter((address) => address === '127.0.0.1').length < 4, 'the other did not wait for the first');
    assert.deepEqual(
      (await replies).map(({ id }) => id),
      [1, 2, 3],
    );
    await once(hasty, 'close');
  });

test('D2: a response sent to the server gets no reply, and the next query does', async (t) => {
  const { server } = await serve(t);
  const socket = createSocket('udp4');
  t.after(() => socket.close());
  const first = once(socket, 'message');
  const response = encode({ ...query(1, 'wiki.corp.internal'), isResponse: true });
  socket.send(response, server.port, '127.0.0.1');
  socket.send(Buffer.alloc(0), server.port, '127.0.0.1');
  socket.send(encode(query(2, 'wiki.corp.internal')), server.port, '127.0.0.1');
  const [bytes] = await first;
  assert.equal(bytes.readUInt16BE(0), 2);
});

test('a new set of zones counts from the next query on', async (t) => {
  let current = zones;
  const server = await startDnsServer({ address: loopback, port: 0, answer: zoneAnswerer(() => current) });
  t.after(() => server.close());
  const resolver = new Resolver({ timeout: 2000, tries: 1 });
  resolver.setServers([`127.0.0.1:${server.port}`]);
  assert.deepEqual(await resolver.resolve4('wiki.corp.internal'), ['192.168.1.20']);
  current = [zone([{ name: 'wiki', type: 'A', value: '192.168.1.99' }])];
  assert.deepEqual(await resolver.resolve4('wiki.corp.internal'), ['192.168.1.99']);
});

test('a taken port is said in one sentence, whichever protocol holds it', async (t) => {
  const { server } = await serve(t);
  const again = startDnsServer({ address: loopback, port: server.port, answer: zoneAnswerer(() => zones) });
  await assert.rejects(again, (error) => {
    assert.ok(error instanceof DnsListenError);
    assert.equal(error.code, 'EADDRINUSE');
    assert.match(
      error.message,
      /^DNS cannot listen on 127\.0\.0\.1 port \d+ \(UDP\): another program uses this port\.$/,
    );
    return true;
  });
});

test('closing frees the port at once', async () => {
  const first = await startDnsServer({ address: loopback, port: 0, answer: zoneAnswerer(() => zones) });
  await first.close();
  const second = await startDnsServer({ address: loopback, port: first.port, answer: zoneAnswerer(() => zones) });
  await second.close();
});

const zones = [
  zone([
    { name: 'wiki', type: 'A', value: '192.168.1.20' },
    { name: 'wiki', type: 'AAAA', value: 'fd00::20' },
    { name: 'docs', type: 'CNAME', value: 'wiki' },
    ...Array.from({ length: 200 }, (_, at) => ({ name: 'many', type: 'A', value: `192.168.2.${at}` })),
  ]),
];

async function serve(t: TestContext, hold?: (client: Client) => number, answered: 'at once' | 'later' = 'at once') {
  const answer = zoneAnswerer(() => zones);
  const server = await startDnsServer({
    address: loopback,
    port: 0,
    answer:
      answered === 'at once'
        ? answer
        : async (query, client) => {
            // Behind the end of what the client says.
            await setImmediate();
            await setImmediate();
            return answer(query, client);
          },
    hold,
    idleTimeoutMs: 300,
    maxConnections: 4,
  });
  t.after(() => server.close());
  const resolver = new Resolver({ timeout: 2000, tries: 1 });
  resolver.setServers([`127.0.0.1:${server.port}`]);
  return { server, resolver };
}

async function dial(t: TestContext, port: number, localAddress = '127.0.0.1'): Promise<Socket> {
  const socket = connect({ port, host: '127.0.0.1', localAddress, noDelay: true });
  t.after(() => socket.destroy());
  socket.on('error', () => {});
  await once(socket, 'connect');
  return socket;
}

function readReplies(socket: Socket, count: number): Promise<Message[]> {
  let bytes: Buffer = Buffer.alloc(0);
  const replies: Message[] = [];
  return new Promise((resolve, reject) => {
    socket.on('close', () => reject(new Error(`closed after ${replies.length} replies`)));
    socket.on('data', (chunk: Buffer) => {
      bytes = Buffer.concat([bytes, chunk]);
      while (bytes.length >= 2 && bytes.length >= 2 + bytes.readUInt16BE(0)) {
        const decoded = decode(bytes.subarray(2, 2 + bytes.readUInt16BE(0)));
        assert.ok(decoded.kind === 'message');
        replies.push(decoded.message);
        bytes = bytes.subarray(2 + bytes.readUInt16BE(0));
      }
      if (replies.length >= count) resolve(replies);
    });
  });
}

function frame(message: Message): Buffer {
  const bytes = encode(message);
  return Buffer.concat([Buffer.of(bytes.length >> 8, bytes.length & 0xff), bytes]);
}

function query(id: number, host: string): Message {
  return {
    id,
    isResponse: false,
    opcode: 0,
    isAuthoritative: false,
    isTruncated: false,
    recursionDesired: true,
    recursionAvailable: false,
    authenticData: false,
    checkingDisabled: false,
    rcode: 0,
    questions: [{ name: parseName(host) ?? ROOT, type: TYPE.A, class: CLASS.IN }],
    answers: [],
    authorities: [],
    additionals: [],
    edns: null,
  };
}

function zone(lines: { name: string; type: string; value: string }[]) {
  const result = buildZone({ origin: parseName('corp.internal') ?? ROOT, lines });
  assert.ok(result.kind === 'zone');
  return result.zone;
}
