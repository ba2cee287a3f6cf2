// A server that listens by TLS proves its name, pads what it says, answers as each answer is ready, and takes a new certificate without a break.
import assert from 'node:assert/strict';
import { execFile } from 'node:child_process';
import { once } from 'node:events';
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { connect as connectTcp } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { type TestContext, test } from 'node:test';
import { connect, type TLSSocket } from 'node:tls';
import { promisify } from 'node:util';
import { createAuthority } from '../certificates.testing.ts';
import { framed, frameReader } from './frame.ts';
import { readInbound, writeReply } from './inbound.ts';
import { startDnsOverTls } from './listen.ts';
import type { Message } from './message.ts';
import { a, address, question, replyTo } from './packet.testing.ts';
import { queryFor } from './query.ts';
import { decode, encode } from './wire.ts';

const NAME = 'dns.corp.example';
const run = promisify(execFile);
const authority = await createAuthority('DNS test authority');
const leaf = await authority.issue({ names: [NAME] });

test('kdig is answered by TLS, with the name proven, and padded to 468 octets (RFC 8467)', async (t) => {
  const { caFile, server } = await listening(t);
  const { stdout } = await kdig(server.port, caFile, 'wiki.corp.internal', '+padding=128');
  assert.match(stdout, /TLS session/);
  assert.match(stdout, /192\.168\.1\.20/);
  assert.match(stdout, /Received 468 B/);
  const plain = await kdig(server.port, caFile, 'wiki.corp.internal', '+nopadding');
  assert.doesNotMatch(plain.stdout, /Received 468 B/);
});

test('answers come as they are ready, and the connection ends when the client has said all and heard all', async (t) => {
  const { server } = await listening(t);
  const socket = await dial(t, server.port);
  const read = frameReader();
  const heard: Message[] = [];
  socket.on('data', (chunk: Buffer) => {
    for (const bytes of read(chunk)) heard.push(messageOf(bytes));
  });
  const queries = ['slow.corp.internal', 'wiki.corp.internal'].map((each, id) => ({
    ...queryFor(question(each), 'edns'),
    id,
  }));
  socket.end(Buffer.concat(queries.map((query) => framed(encode(query)))));
  await once(socket, 'end');
  assert.deepEqual(
    heard.map(({ id }) => id),
    [1, 0],
  );
});

test('a renewed certificate is shown from the next connection on, and one that cannot be used changes nothing', async (t) => {
  const { server } = await listening(t);
  const next = await authority.issue({ names: [NAME] });
  const before = await dial(t, server.port);
  server.renew({ cert: next.cert, key: next.key });
  assert.throws(() => server.renew({ cert: leaf.cert, key: next.key }));
  const after = await dial(t, server.port);
  const shown = (socket: TLSSocket) => socket.getPeerX509Certificate()?.fingerprint256;
  assert.notEqual(shown(before), shown(after));
  assert.equal((await ask(before, 'wiki.corp.internal')).answers.length, 1);
});

test('D5: clear text, silence and an old TLS on the port end by themselves', async (t) => {
  const { server } = await listening(t);
  const clear = connectTcp(server.port, '127.0.0.1');
  clear.write(framed(encode(queryFor(question('wiki.corp.internal'), 'edns'))));
  clear.on('error', () => {});
  const silent = connectTcp(server.port, '127.0.0.1');
  silent.on('error', () => {});
  await Promise.all([once(clear, 'close'), once(silent, 'close')]);
  const old = connect({
    port: server.port,
    host: '127.0.0.1',
    maxVersion: 'TLSv1.1',
    minVersion: 'TLSv1',
    ca: authority.pem,
    servername: NAME,
  });
  const [error] = await once(old, 'error');
  assert.match(String(error), /protocol|version|alert|unsupported/i);
});

async function listening(t: TestContext) {
  const folder = mkdtempSync(join(tmpdir(), 'foyer-dot-'));
  const caFile = join(folder, 'ca.pem');
  writeFileSync(caFile, authority.pem);
  const server = await startDnsOverTls({
    address: address('127.0.0.1'),
    port: 0,
    tls: { cert: leaf.cert, key: leaf.key },
    idleTimeoutMs: 1_000,
    answer: (packet, { transport }) => {
      const inbound = readInbound(packet);
      assert.ok(inbound.kind === 'query');
      const owner = inbound.question.name.join('.');
      const reply = replyTo(inbound.query, {
        answers: [a(owner, '192.168.1.20')],
        edns: inbound.query.edns && { ...inbound.query.edns, options: [] },
      });
      const bytes = writeReply(reply, inbound.query, transport);
      // Later than everything that came with it.
      return owner.startsWith('slow')
        ? new Promise((resolve) => setImmediate(() => setImmediate(() => resolve(bytes))))
        : bytes;
    },
  });
  t.after(async () => {
    await server.close();
    rmSync(folder, { recursive: true });
  });
  return { caFile, server };
}

function kdig(port: number, caFile: string, asked: string, ...more: string[]) {
  return run('kdig', [
    '@127.0.0.1',
    '-p',
    String(port),
    `+tls-ca=${caFile}`,
    `+tls-hostname=${NAME}`,
    asked,
    'A',
    ...more,
  ]);
}

async function dial(t: TestContext, port: number): Promise<TLSSocket> {
  const socket = connect({ port, host: '127.0.0.1', ca: authority.pem, servername: NAME, ALPNProtocols: ['dot'] });
  t.after(() => socket.destroy());
  await once(socket, 'secureConnect');
  return socket;
}

async function ask(socket: TLSSocket, asked: string): Promise<Message> {
  socket.write(framed(encode(queryFor(question(asked), 'edns'))));
  const read = frameReader();
  for (;;) {
    const [chunk] = (await once(socket, 'data')) as [Buffer];
    for (const bytes of read(chunk)) return messageOf(bytes);
  }
}

function messageOf(bytes: Uint8Array): Message {
  const decoded = decode(bytes);
  assert.ok(decoded.kind === 'message');
  return decoded.message;
}
