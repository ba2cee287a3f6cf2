// Servers of others that we share connections with: Unbound by TLS and BIND by TCP answer many queries on one connection, and may go and come.
import assert from 'node:assert/strict';
import { once } from 'node:events';
import { type AddressInfo, createServer } from 'node:net';
import { type TestContext, test } from 'node:test';
import { createAuthority } from '../certificates.testing.ts';
import { zoneAnswerer } from './authority.ts';
import { startBind, zoneText } from './bind.testing.ts';
import { createExchange } from './exchange.ts';
import { startDnsServer } from './listen.ts';
import { address, name, question } from './packet.testing.ts';
import type { ExchangeResult } from './query.ts';
import { startUnbound } from './unbound.testing.ts';
import { buildZone } from './zone.ts';

const TLS_NAME = 'dns.corp.internal';
const names = Array.from({ length: 100 }, (_, at) => `n${at}.corp.internal`);

test('Unbound is asked by TLS, a hundred names at once, and again after it was away', async (t) => {
  const built = buildZone({
    origin: name('corp.internal'),
    lines: names.map((_, at) => ({ name: `n${at}`, type: 'A' as const, value: `192.168.7.${at}` })),
  });
  assert.ok(built.kind === 'zone');
  const behind = await startDnsServer({
    address: address('127.0.0.1'),
    port: 0,
    answer: zoneAnswerer(() => [built.zone]),
  });
  t.after(() => behind.close());
  const authority = await createAuthority('DNS test authority');
  const leaf = await authority.issue({ names: [TLS_NAME] });
  const tls = { ...leaf, port: await freePort() };
  const options = { stubs: { 'corp.internal': { address: behind.address, port: behind.port } }, tls };
  const { exchange } = exchanging(t, authority.pem);
  const server = { address: address('127.0.0.1'), port: tls.port, tlsName: TLS_NAME };
  for (let round = 0; round < 2; round++) {
    const unbound = await startUnbound(options);
    const asked = names.map((text) => exchange(server, question(text), { timeoutMs: 5_000 }));
    assert.deepEqual(
      (await Promise.all(asked)).map(told),
      names.map((_, at) => `tls 192.168.7.${at}`),
      `round ${round}`,
    );
    const other = await exchange({ ...server, tlsName: 'dns.evil.example' }, question(names[0] ?? ''), {
      timeoutMs: 5_000,
    });
    assert.equal(told(other), 'certificate-name');
    await unbound.stop();
  }
});

test('BIND is asked by TCP, fifty answers too long for UDP at once', async (t) => {
  const many = Array.from({ length: 100 }, (_, at) => `many A 192.168.2.${at}`).join('\n');
  const bind = await startBind({ zones: { 'corp.internal': zoneText('corp.internal', many) } });
  t.after(() => bind.stop());
  const { exchange } = exchanging(t, '');
  const asked = Array.from({ length: 50 }, () => exchange(bind, question('many.corp.internal'), { timeoutMs: 5_000 }));
  for (const result of await Promise.all(asked)) {
    assert.ok(result.kind === 'answered' && result.transport === 'tcp');
    assert.equal(result.message.answers.length, 100);
  }
});

function told(result: ExchangeResult): string {
  if (result.kind === 'failed') return result.reason;
  const [record] = result.message.answers;
  return `${result.transport} ${record?.data.kind === 'a' ? record.data.address : 'nothing'}`;
}

function exchanging(t: TestContext, pem: string) {
  const own = createExchange({ ca: () => [pem], now: Date.now });
  t.after(own.close);
  return own;
}

async function freePort(): Promise<number> {
  const server = createServer().listen(0, '127.0.0.1');
  await once(server, 'listening');
  const { port } = server.address() as AddressInfo;
  server.close();
  await once(server, 'close');
  return port;
}
