// What TLS must not do here: old versions, weak ciphers, renegotiation, early data, or carry a session to another listener.
import assert from 'node:assert/strict';
import { randomBytes } from 'node:crypto';
import { once } from 'node:events';
import type { AddressInfo } from 'node:net';
import { after, suite, test } from 'node:test';
import { type ConnectionOptions, connect, createServer, type TLSSocket } from 'node:tls';
import { certificatesForTests } from './certificates.testing.ts';
import { recorder, startGateway } from './gateway.testing.ts';

const upstream = await recorder({ after });
const apps = [{ id: 'wiki', hosts: ['wiki.test'] as const, upstream: upstream.port }];
const first = await startGateway({ after }, { scheme: 'https', apps });
const second = await startGateway({ after }, { scheme: 'https', apps });
const ticketKeys = randomBytes(48);
const twins = [
  await startGateway({ after }, { scheme: 'https', apps, ticketKeys }),
  await startGateway({ after }, { scheme: 'https', apps, ticketKeys }),
] as const;
const GET = 'GET / HTTP/1.1\r\nHost: wiki.test\r\n\r\n';

const open = (port: number, options: ConnectionOptions = {}): TLSSocket => {
  const socket = connect({
    port,
    host: '127.0.0.1',
    servername: 'wiki.test',
    rejectUnauthorized: false,
    ALPNProtocols: ['http/1.1'],
    ...options,
  });
  socket.on('error', () => {});
  after(() => socket.destroy());
  return socket;
};

/** A whole exchange on a new connection, whether it resumed a session, and the one that it was given itself. */
async function visited(port: number, options: ConnectionOptions = {}) {
  const socket = open(port, options);
  const { promise: session, resolve } = Promise.withResolvers<Buffer>();
  socket.once('session', resolve);
  await once(socket, 'secureConnect');
  socket.write(GET);
  const [answer] = await once(socket, 'data');
  assert.match(String(answer), /^HTTP\/1\.1 401 /);
  return { session, reused: socket.isSessionReused() };
}

suite('H12: TLS as it has to be', () => {
  for (const options of [
    { minVersion: 'TLSv1', maxVersion: 'TLSv1', ciphers: 'ALL:@SECLEVEL=0' },
    { minVersion: 'TLSv1', maxVersion: 'TLSv1.1', ciphers: 'ALL:@SECLEVEL=0' },
    { maxVersion: 'TLSv1.2', ciphers: 'NULL-SHA256:@SECLEVEL=0' },
    { maxVersion: 'TLSv1.2', ciphers: 'aNULL:@SECLEVEL=0' },
    { maxVersion: 'TLSv1.2', ciphers: 'ECDHE-ECDSA-NULL-SHA:@SECLEVEL=0' },
  ] as const) {
    test(`H12: ${JSON.stringify(options)} gets no connection`, async () => {
      const socket = open(first.port, options);
      const [error] = await once(socket, 'error');
      assert.match(String(error), /alert|handshake|protocol/i);
    });
  }

  test('H12: a client that wants to renegotiate loses its connection, and the gateway serves on', async () => {
    const socket = open(first.port, { maxVersion: 'TLSv1.2' });
    await once(socket, 'secureConnect');
    const outcome = await new Promise<string>((resolve) => {
      socket.once('error', (error) => resolve(String(error)));
      socket.once('close', () => resolve('closed'));
      socket.renegotiate({ rejectUnauthorized: false }, (error) => resolve(error ? String(error) : 'renegotiated'));
    });
    assert.notEqual(outcome, 'renegotiated');
    await visited(first.port);
  });

  test('H12: no session allows early data, which could be sent again by anybody', async () => {
    for (const maxVersion of ['TLSv1.2', 'TLSv1.3'] as const) {
      const { session } = await visited(first.port, { maxVersion });
      assert.equal(tagsOf(await session).includes(MAX_EARLY_DATA), false, maxVersion);
    }
  });
});

suite('H10: a session of TLS', () => {
  test('H10: is resumed where it was made, and nowhere else', async () => {
    for (const maxVersion of ['TLSv1.2', 'TLSv1.3'] as const) {
      const session = await (await visited(first.port, { maxVersion })).session;
      assert.equal((await visited(first.port, { maxVersion, session })).reused, true, maxVersion);
      assert.equal((await visited(second.port, { maxVersion, session })).reused, false, maxVersion);
    }
  });

  test('H10: goes on at the gateways that share its key, and not at a listener of another purpose', async (t) => {
    const { first: pem } = await certificatesForTests();
    const other = createServer({ ...pem, ticketKeys, sessionIdContext: 'foyer/another' }, (socket) =>
      socket.once('data', () => socket.end('HTTP/1.1 401 \r\n\r\n')),
    ).listen(0, '127.0.0.1');
    t.after(() => other.close());
    await once(other, 'listening');
    const { port } = other.address() as AddressInfo;
    for (const maxVersion of ['TLSv1.2', 'TLSv1.3'] as const) {
      const session = await (await visited(twins[0].port, { maxVersion })).session;
      assert.equal((await visited(twins[1].port, { maxVersion, session })).reused, true, maxVersion);
      assert.equal((await visited(port, { maxVersion, session })).reused, false, maxVersion);
    }
  });

  test('H10: does not serve the hosts of another certificate', async () => {
    for (const maxVersion of ['TLSv1.2', 'TLSv1.3'] as const) {
      const session = await (await visited(first.port, { maxVersion })).session;
      for (const servername of ['wiki.test', 'bank.test']) {
        const socket = open(first.port, { maxVersion, session, servername });
        socket.write(GET.replace('wiki.test', servername === 'wiki.test' ? 'bank.test' : 'wiki.test'));
        assert.match(String((await once(socket, 'data'))[0]), /^HTTP\/1\.1 421 /, `${maxVersion} ${servername}`);
      }
    }
  });

  test('H10: carries nobody over: each connection shows its own cookie for its own host', async () => {
    const cookie = first.cookie(first.signIn(), 'wiki.test');
    const socket = open(first.port);
    const session = new Promise<Buffer>((resolve) => socket.once('session', resolve));
    socket.write(GET.replace('\r\n\r\n', `\r\nCookie: ${cookie}\r\n\r\n`));
    assert.match(String((await once(socket, 'data'))[0]), /^HTTP\/1\.1 200 /);
    assert.equal((await visited(first.port, { session: await session })).reused, true, 'and that one is 401');
  });
});

/** OpenSSL writes a session as one ASN.1 sequence; this field of it is there only where early data is allowed. */
const MAX_EARLY_DATA = 0xaf;

/** The tags of the fields of an ASN.1 sequence (X.690 §8.1). */
function tagsOf(session: Buffer): number[] {
  // Node writes what it has to know itself in front.
  const der = session.subarray(session.indexOf('3082', 'hex'));
  const tags: number[] = [];
  let at = fieldAt(der, 0).start;
  while (at < der.length) {
    tags.push(der[at] ?? 0);
    at = fieldAt(der, at).end;
  }
  assert.ok(tags.length > 4, 'this is a session');
  return tags;
}

function fieldAt(der: Buffer, at: number): { start: number; end: number } {
  const first = der[at + 1] ?? 0;
  const lengthBytes = first & 0x80 ? first & 0x7f : 0;
  const start = at + 2 + lengthBytes;
  return { start, end: start + (lengthBytes === 0 ? first : der.readUIntBE(at + 2, lengthBytes)) };
}
