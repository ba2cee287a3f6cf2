// D1, D2, D4, D5 on the wire: what strangers send to a DNS server's ports gets the reply that the standards owe it, or none, and the next query its answer.
import assert from 'node:assert/strict';
import { createSocket } from 'node:dgram';
import { once } from 'node:events';
import { connect, type Socket } from 'node:net';
import { type TestContext, test } from 'node:test';
import { pino } from 'pino';
import { createEngine } from './engine.ts';
import type { Exchange } from './exchange.ts';
import { startDnsServer } from './listen.ts';
import { CLASS, type Message, RCODE, TYPE } from './message.ts';
import { type Names, NO_DOMAINS, NO_LEASES } from './names.ts';
import { a, address, endpoint, message, name, question, replyTo } from './packet.testing.ts';
import { decode, encode } from './wire.ts';
import { buildZone } from './zone.ts';

const IS_LONG = process.env.TEST_LONG === '1';
/** The server's own default. */
const MAX_CONNECTIONS = 256;
const WIKI = 'wiki.corp.internal';

/** Header, counts and sections in hex. `told` is the code of the reply; null where silence is right. */
const rows: [threat: string, what: string, packet: string, told: number | null][] = [
  ['D1', 'nothing at all', '', null],
  ['D1', 'eleven octets', '0007010000010000000000', null],
  ['D1', 'a header and no question', '000701000000000000000000', RCODE.FORMERR],
  ['D1', 'two questions', `000701000002000000000000${'01610000010001'.repeat(2)}`, RCODE.FORMERR],
  ['D1', 'a question that is promised and not there', '000701000001000000000000', RCODE.FORMERR],
  ['D1', '65,535 records that are promised and not there', '000701000001ffffffffffff01610000010001', RCODE.FORMERR],
  ['D1', 'bytes behind the question', '00070100000100000000000001610000010001dead', RCODE.FORMERR],
  ['D1', 'a pointer to itself', '000701000001000000000000c00c00010001', RCODE.FORMERR],
  ['D1', 'a pointer forward', '000701000001000000000000c0100001000101610000', RCODE.FORMERR],
  ['D1', 'a label of 64', `00070100000100000000000040${'61'.repeat(64)}0000010001`, RCODE.FORMERR],
  ['D1', 'a name of 256', `000701000001000000000000${`3f${'61'.repeat(63)}`.repeat(4)}0000010001`, RCODE.FORMERR],
  [
    'D1',
    'two OPT records',
    `00070100000100000000000201610000010001${'0000290000000000000000'.repeat(2)}`,
    RCODE.FORMERR,
  ],
  ['D2', 'a response', '00078180000100000000000001610000010001', null],
  ['D2', 'a response of opcode UPDATE', '0007a8000001000000000000', null],
  ['D2', 'opcode UPDATE', '00072800000100000000000001610000060001', RCODE.NOTIMP],
  ['D2', 'opcode NOTIFY', '00072000000100000000000001610000060001', RCODE.NOTIMP],
  ['D2', 'opcode STATUS', '000710000000000000000000', RCODE.NOTIMP],
  ['D2', 'opcode 15', '000778000001000000000000', RCODE.NOTIMP],
];

const queries: [threat: string, what: string, query: Partial<Message>, told: number][] = [
  [
    'D2',
    'version.bind of CH',
    { questions: [{ ...question('version.bind', TYPE.TXT), class: CLASS.CH }] },
    RCODE.REFUSED,
  ],
  ['D2', 'id.server of CH', { questions: [{ ...question('id.server', TYPE.TXT), class: CLASS.CH }] }, RCODE.REFUSED],
  ['D2', 'class ANY', { questions: [{ ...question(WIKI), class: CLASS.ANY }] }, RCODE.REFUSED],
  ['D4', 'AXFR', { questions: [question('corp.internal', TYPE.AXFR)] }, RCODE.REFUSED],
  ['D4', 'IXFR', { questions: [question('corp.internal', TYPE.IXFR)] }, RCODE.REFUSED],
  [
    'D1',
    'EDNS of a version that is not there',
    { edns: { udpPayloadSize: 1232, version: 1, dnssecOk: false, options: [] } },
    RCODE.BADVERS,
  ],
];

test('D1, D2: by UDP, each packet gets its code or nothing, and the query after it its answer', async (t) => {
  const { port } = await serve(t);
  const ask = udpClient(t, port);
  for (const [threat, what, hex, told] of rows) {
    const packet = Buffer.from(hex, 'hex');
    const reply = await ask(packet);
    assert.equal(reply?.rcode ?? null, told, `${threat}: ${what}`);
    if (reply !== null) assert.deepEqual([reply.id, reply.isResponse, reply.answers.length], [7, true, 0], what);
  }
});

test('D1, D2: by TCP, each packet gets its code or nothing, or ends the connection where it cannot be a query', async (t) => {
  const { port } = await serve(t);
  for (const [threat, what, hex, told] of rows) {
    const packet = Buffer.from(hex, 'hex');
    const socket = await dial(t, port);
    const replies = collect(socket);
    socket.write(Buffer.concat([framed(packet), framed(encode(ask(WIKI, { id: 9 })))]));
    const first = await replies(1);
    // Twelve octets are the least that a query has: a length below that is no DNS, and what follows it cannot be trusted.
    if (packet.length < 12) assert.deepEqual(first, [], what);
    else if (told === null) assert.equal(first[0]?.id, 9, `${threat}: ${what}`);
    else assert.deepEqual([first[0]?.id, first[0]?.rcode], [7, told], `${threat}: ${what}`);
    socket.destroy();
  }
});

test('D2, D4: other classes, transfers and versions are refused with the question, ANY has one made-up record', async (t) => {
  const { port } = await serve(t);
  const send = udpClient(t, port);
  for (const [threat, what, parts, told] of queries) {
    const query = ask(WIKI, parts);
    const reply = await send(encode(query));
    assert.equal(reply?.rcode, told, `${threat}: ${what}`);
    assert.deepEqual(reply?.questions, query.questions, what);
    assert.equal(reply?.answers.length, 0, what);
  }
  const any = await send(encode(ask(WIKI, { questions: [question(WIKI, TYPE.ANY)] })));
  assert.deepEqual(
    any?.answers.map(({ data }) => data.kind === 'unknown' && data.type),
    [13],
  );
});

test('D5: what is too long for UDP is cut to nothing and marked, however much the client says it takes, and is whole by TCP', async (t) => {
  const { port } = await serve(t);
  const send = udpClient(t, port);
  for (const udpPayloadSize of [null, 0, 512, 1232, 4096, 65_535]) {
    const edns = udpPayloadSize === null ? null : { udpPayloadSize, version: 0, dnssecOk: false, options: [] };
    const reply = await send(encode(ask('many.corp.internal', { edns })));
    assert.equal(reply?.isTruncated, true, String(udpPayloadSize));
    assert.equal(reply?.answers.length, 0);
  }
  // 40 addresses pass where the client takes them, and only there.
  const few = (udpPayloadSize: number) =>
    send(encode(ask('few.corp.internal', { edns: { udpPayloadSize, version: 0, dnssecOk: false, options: [] } })));
  assert.equal((await few(512))?.isTruncated, true);
  assert.equal((await few(1232))?.answers.length, 40);
  const socket = await dial(t, port);
  socket.write(framed(encode(ask('many.corp.internal'))));
  const [whole] = await collect(socket)(1);
  assert.equal(whole?.answers.length, 200);
  assert.equal(whole?.isTruncated, false);
});

test('D5: a query that waits for another server holds up none behind it on the same connection', async (t) => {
  const slow = Promise.withResolvers<void>();
  const { port } = await serve(t, async (_server, asked) => {
    await slow.promise;
    return {
      kind: 'answered',
      message: replyTo(message({ questions: [asked] }), { answers: [a('slow.example', '192.0.2.1')] }),
      transport: 'udp',
    };
  });
  const socket = await dial(t, port);
  const replies = collect(socket);
  socket.write(Buffer.concat([framed(encode(ask('slow.example', { id: 1 }))), framed(encode(ask(WIKI, { id: 2 })))]));
  assert.deepEqual(
    (await replies(1)).map(({ id }) => id),
    [2],
  );
  slow.resolve();
  assert.deepEqual(
    (await replies(2)).map(({ id, rcode }) => [id, rcode]),
    [
      [2, RCODE.NOERROR],
      [1, RCODE.NOERROR],
    ],
  );
});

test('D5: crowds of connections are held to the cap, and the server answers by UDP meanwhile and by TCP afterwards', {
  timeout: 120_000,
}, async (t) => {
  const { port } = await serve(t);
  const count = IS_LONG ? 10_000 : 1_000;
  const open = new Set<Socket>();
  for (let at = 0; at < count; at++) {
    const socket = connect({ port, host: '127.0.0.1', localAddress: `127.0.0.${1 + (at % 3)}` });
    socket.on('error', () => {});
    open.add(socket);
    await new Promise((resolve) => socket.once('connect', resolve).once('close', resolve));
    socket.once('close', () => open.delete(socket));
  }
  t.after(() => {
    for (const socket of open) socket.destroy();
  });
  while (open.size > MAX_CONNECTIONS) await Promise.race([...open].map((socket) => once(socket, 'close')));
  assert.equal(open.size, MAX_CONNECTIONS);
  assert.equal((await udpClient(t, port)(encode(ask(WIKI))))?.answers.length, 1);
  for (const socket of open) socket.destroy();
  await Promise.all([...open].map((socket) => socket.closed || once(socket, 'close')));
  for (;;) {
    const socket = await dial(t, port);
    socket.write(framed(encode(ask(WIKI))));
    const [reply] = await collect(socket)(1);
    if (reply !== undefined) break;
  }
});

function ask(host: string, parts: Partial<Message> = {}): Message {
  return message({ id: 7, questions: [question(host)], ...parts });
}

async function serve(t: TestContext, exchange: Exchange = async () => ({ kind: 'failed', reason: 'timeout' })) {
  const numbered = (count: number, host: string) =>
    Array.from({ length: count }, (_, at) => ({ name: host, type: 'A', value: `192.168.2.${at}` }));
  const lines = [{ name: 'wiki', type: 'A', value: '192.168.1.20' }, ...numbered(200, 'many'), ...numbered(40, 'few')];
  const built = buildZone({ origin: name('corp.internal'), lines });
  assert.ok(built.kind === 'zone');
  const names: Names = {
    allow: NO_DOMAINS,
    block: NO_DOMAINS,
    leases: NO_LEASES,
    local: [{ zone: built.zone, search: [], answersSingleLabels: false, covers: 'whole' }],
    hosted: [],
    routes: [{ zone: name('example'), servers: [endpoint('127.0.0.1', 53)], select: 'all', staleMs: 0 }],
    upstreams: null,
    rebindingAllowed: [],
  };
  const engine = createEngine({ names: () => names, exchange, now: Date.now, log: pino({ level: 'silent' }) });
  const server = await startDnsServer({ address: address('127.0.0.1'), port: 0, answer: engine.answer });
  t.after(async () => {
    await server.close();
    engine.close();
  });
  return server;
}

/** Sends a packet and then a query of its own; resolves with the reply to the packet, or null when only the query has one. */
function udpClient(t: TestContext, port: number) {
  const socket = createSocket('udp4');
  t.after(() => socket.close());
  let probe = 0x4000;
  return async (packet: Buffer): Promise<Message | null> => {
    const probeId = probe++;
    const replies: Message[] = [];
    const done = new Promise<void>((resolve) => {
      socket.on('message', function listener(bytes) {
        replies.push(read(bytes));
        if (replies.at(-1)?.id !== probeId) return;
        socket.off('message', listener);
        resolve();
      });
    });
    socket.send(packet, port, '127.0.0.1');
    socket.send(encode(ask(WIKI, { id: probeId })), port, '127.0.0.1');
    await done;
    assert.equal(replies.at(-1)?.answers.length, 1);
    return replies.length > 1 ? (replies[0] ?? null) : null;
  };
}

async function dial(t: TestContext, port: number): Promise<Socket> {
  const socket = connect({ port, host: '127.0.0.1', noDelay: true });
  t.after(() => socket.destroy());
  socket.on('error', () => {});
  await once(socket, 'connect');
  return socket;
}

/** Gives a function that resolves with all replies so far when there are so many, or when the connection has ended. */
function collect(socket: Socket) {
  const replies: Message[] = [];
  let bytes = Buffer.alloc(0);
  let isOver = false;
  let look = () => {};
  socket.on('data', (chunk: Buffer) => {
    bytes = Buffer.concat([bytes, chunk]);
    while (bytes.length >= 2 && bytes.length >= 2 + bytes.readUInt16BE(0)) {
      const end = 2 + bytes.readUInt16BE(0);
      replies.push(read(bytes.subarray(2, end)));
      bytes = bytes.subarray(end);
    }
    look();
  });
  socket.on('close', () => {
    isOver = true;
    look();
  });
  return (count: number) =>
    new Promise<readonly Message[]>((resolve) => {
      look = () => {
        if (replies.length >= count || isOver) resolve([...replies]);
      };
      look();
    });
}

function framed(packet: Buffer): Buffer {
  return Buffer.concat([Buffer.of(packet.length >> 8, packet.length & 0xff), packet]);
}

function read(bytes: Uint8Array): Message {
  const decoded = decode(bytes);
  assert.ok(decoded.kind === 'message');
  return decoded.message;
}
