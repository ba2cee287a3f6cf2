// DNS over TLS asks only who proves the name that was given, on few connections, and never in clear text.
import assert from 'node:assert/strict';
import { createSocket } from 'node:dgram';
import { once } from 'node:events';
import { createServer } from 'node:net';
import { type TestContext, test } from 'node:test';
import { pino } from 'pino';
import { createAuthority } from '../certificates.testing.ts';
import { createEngine } from './engine.ts';
import { createExchange } from './exchange.ts';
import { type Message, RCODE } from './message.ts';
import { nameText, ROOT } from './name.ts';
import { type Names, NO_NAMES } from './names.ts';
import { a, address, message, question, replyTo } from './packet.testing.ts';
import { type Heard, type StreamServerOptions, startStreamServer } from './stream-server.testing.ts';
import { decode, encode } from './wire.ts';

const NAME = 'dns.quad9.net';
const wiki = question('wiki.corp.internal');
const authority = await createAuthority('DNS test authority');
const good = ({ query, reply }: Heard) => reply(replyTo(query, { answers: [a('wiki.corp.internal', '192.168.1.20')] }));

test('a server that proves its name is asked by TLS: SNI, ALPN, TLS 1.2 and 1.3, and padded to 128 octets', async (t) => {
  for (const version of ['TLSv1.2', 'TLSv1.3'] as const) {
    const dot = await dotServer(t, { tls: { maxVersion: version } });
    const { exchange } = exchanging(t);
    for (const text of ['wiki.corp.internal', 'a', `${'long.'.repeat(24)}internal`]) {
      const result = await exchange(dot.server, question(text), { timeoutMs: 2000 });
      assert.ok(result.kind === 'answered' && result.transport === 'tls', version);
    }
    assert.deepEqual(dot.handshakes, [{ alpn: 'dot', isResumed: false, servername: NAME }]);
    assert.deepEqual(
      dot.heard.map(({ bytes }) => bytes.length),
      [128, 128, 256],
    );
    assert.ok(dot.heard.every(({ query }) => query.edns?.options.some(({ code }) => code === 12)));
  }
});

test('D8: a wrong name, an old certificate, a self-made one, old TLS and no TLS are failures, and not one octet of the query leaves', async (t) => {
  const stranger = await createAuthority('Somebody else');
  const expired = new Date(Date.now() - 86_400_000);
  const table: [reason: string, StreamServerOptions['tls']][] = [
    ['certificate-name', await authority.issue({ names: ['dns.evil.example', '127.0.0.1'] })],
    ['certificate-expired', await authority.issue({ names: [NAME], notAfter: expired })],
    ['certificate-untrusted', await stranger.issue({ names: [NAME] })],
    [
      'tls-failed',
      {
        ...(await authority.issue({ names: [NAME] })),
        maxVersion: 'TLSv1.1',
        minVersion: 'TLSv1.1',
        ciphers: 'ALL@SECLEVEL=0',
      },
    ],
    ['timeout', undefined],
  ];
  for (const [reason, tls] of table) {
    // In clear text on the same port: whoever falls back to it is caught.
    const dot = await startStreamServer(t, { answer: good, tlsName: NAME, ...(tls ? { tls } : {}) });
    const plain = createSocket('udp4');
    t.after(() => plain.close());
    plain.bind(dot.server.port, '127.0.0.1');
    await once(plain, 'listening');
    const datagrams: Buffer[] = [];
    plain.on('message', (bytes) => datagrams.push(bytes));
    const { exchange } = exchanging(t);
    const result = await exchange(dot.server, wiki, { timeoutMs: 1000 }).catch((error) => assert.fail(error));
    assert.deepEqual(result, { kind: 'failed', reason });
    assert.ok(dot.connections.length > 0, 'it was tried');
    // Whatever was sent has arrived when the connection has ended.
    await Promise.all(dot.connections.map((socket) => (socket.closed ? null : once(socket, 'close'))));
    assert.deepEqual([dot.heard.length, datagrams.length], [0, 0], reason);
  }
});

test('D8: a port with another protocol, or with nobody, is a failure; and where the authorities cannot be read, nobody is asked', async (t) => {
  const dot = await dotServer(t, {});
  const broken = createExchange({ ca: () => assert.fail('the file is gone'), now: Date.now });
  t.after(broken.close);
  assert.deepEqual(await broken.exchange(dot.server, wiki, { timeoutMs: 1000 }), {
    kind: 'failed',
    reason: 'tls-failed',
  });
  assert.equal(dot.connections.length, 0);
  const web = createServer((socket) => socket.end('HTTP/1.1 400 Bad Request\r\n\r\n')).listen(0, '127.0.0.1');
  t.after(() => web.close());
  await once(web, 'listening');
  const { exchange } = exchanging(t);
  const { port: webPort } = web.address() as { port: number };
  const other = await exchange({ ...dot.server, port: webPort }, wiki, { timeoutMs: 1000 });
  assert.deepEqual(other, { kind: 'failed', reason: 'tls-failed' });
  const closed = createServer().listen(0, '127.0.0.1');
  await once(closed, 'listening');
  const { port } = closed.address() as { port: number };
  closed.close();
  await once(closed, 'close');
  const result = await exchange({ ...dot.server, port }, wiki, { timeoutMs: 1000 });
  assert.deepEqual(result, { kind: 'failed', reason: 'unreachable' });
});

test('a later connection to the same server resumes, and one to another name on the same port never does', async (t) => {
  for (const version of ['TLSv1.2', 'TLSv1.3'] as const) {
    const tls = { ...(await authority.issue({ names: [NAME, 'other.quad9.net'] })), maxVersion: version };
    const dot = await startStreamServer(t, { tls, tlsName: NAME, answer: good });
    const { exchange } = exchanging(t, { idleMs: 20 });
    const ask = async (tlsName: string) => {
      const before = dot.connections.length;
      assert.equal((await exchange({ ...dot.server, tlsName }, wiki, { timeoutMs: 2000 })).kind, 'answered');
      // Idle connections are closed, so that the next question opens one.
      await once(dot.connections[before] ?? assert.fail('no connection was opened'), 'close');
    };
    await ask(NAME);
    await ask(NAME);
    await ask('other.quad9.net');
    assert.deepEqual(
      dot.handshakes.map(({ isResumed }) => isResumed),
      [false, true, false],
      version,
    );
  }
});

test('a certificate is seen again after an hour at the latest, however often a connection was resumed', async (t) => {
  const dot = await dotServer(t, {});
  const clock = { now: 0 };
  const { exchange } = exchanging(t, { idleMs: 20, now: () => clock.now });
  for (const now of [0, 1_800_000, 3_599_999, 3_600_000]) {
    clock.now = now;
    const before = dot.connections.length;
    assert.equal((await exchange(dot.server, wiki, { timeoutMs: 2000 })).kind, 'answered');
    await once(dot.connections[before] ?? assert.fail('no connection was opened'), 'close');
  }
  assert.deepEqual(
    dot.handshakes.map(({ isResumed }) => isResumed),
    [false, true, true, false],
  );
});

test('a server that is too old for EDNS is asked over the same TLS connection without it', async (t) => {
  const dot = await dotServer(t, {
    answer: (heard) =>
      heard.query.edns === null ? good(heard) : heard.reply(replyTo(heard.query, { rcode: RCODE.FORMERR })),
  });
  const { exchange } = exchanging(t);
  assert.equal((await exchange(dot.server, wiki, { timeoutMs: 2000 })).kind, 'answered');
  assert.deepEqual([dot.heard.length, dot.connections.length], [2, 1]);
});

test('RFC 6840 §5.7: an upstream that says only to who asks whether it validated is asked, and who did not ask us is not told', async (t) => {
  const dot = await dotServer(t, {
    answer: ({ query, reply }) => {
      const authenticData = query.authenticData || query.edns?.dnssecOk === true;
      reply(replyTo(query, { authenticData, answers: [a(nameText(query.questions[0]?.name ?? ROOT), '192.0.2.1')] }));
    },
  });
  const { exchange } = exchanging(t);
  const upstreams = { servers: [dot.server], plaintextFallback: null, timeoutMs: 2000, staleMs: 0 };
  const names: Names = { ...NO_NAMES, upstreams };
  const engine = createEngine({ names: () => names, exchange, now: Date.now, log: pino({ level: 'silent' }) });
  t.after(engine.close);
  const told = async (text: string, parts: Partial<Message>) => {
    const packet = encode(message({ questions: [question(text)], ...parts }));
    const reply = await engine.answer(packet, { address: address('10.0.0.1'), transport: 'udp' });
    const read = decode(reply ?? assert.fail(text));
    return read.kind === 'message' && read.message.authenticData;
  };
  const edns = { udpPayloadSize: 1232, version: 0, dnssecOk: true, options: [] };
  // The same answer from memory, whoever asked for it first.
  for (const text of ['one.example', 'two.example']) {
    const parts = text === 'one.example' ? [{}, { authenticData: true }] : [{ authenticData: true }, {}];
    for (const each of parts) assert.equal(await told(text, each), each.authenticData === true, text);
    assert.equal(await told(text, { edns }), true);
  }
  assert.equal(dot.heard.length, 4);
});

async function dotServer(t: TestContext, { tls = {}, answer = good }: StreamServerOptions) {
  const leaf = await authority.issue({ names: [NAME] });
  return startStreamServer(t, { tls: { ...leaf, ...tls }, tlsName: NAME, answer });
}

function exchanging(t: TestContext, options: { idleMs?: number; now?: () => number } = {}) {
  const own = createExchange({ ca: () => [authority.pem], now: Date.now, ...options });
  t.after(own.close);
  return own;
}
