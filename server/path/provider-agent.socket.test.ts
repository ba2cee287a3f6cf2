// The promise of the guard before sign-in providers: what an administrator names leads to nobody's metadata and not back to Foyer, and takes no room.
import assert from 'node:assert/strict';
import { once } from 'node:events';
import { createServer, type RequestListener } from 'node:http';
import type { AddressInfo } from 'node:net';
import { type TestContext, test } from 'node:test';
import { custom, Issuer } from 'openid-client';
import type { Address } from '#server/core/address.ts';
import { ProviderAgent, type ProviderAgentOptions } from './provider-agent.ts';

const NOBODY = { listeners: [], addresses: [] };

async function provider(t: TestContext, answer: RequestListener): Promise<{ port: number; asked: string[] }> {
  const asked: string[] = [];
  const server = createServer((request, response) => {
    asked.push(request.url ?? '');
    answer(request, response);
  });
  t.after(() => {
    server.closeAllConnections();
    server.close();
  });
  await once(server.listen(0, '127.0.0.1'), 'listening');
  return { port: (server.address() as AddressInfo).port, asked };
}

/** Discovers an issuer as a sign-in does. */
function discover(issuer: string, options: Partial<ProviderAgentOptions> = {}): Promise<Issuer> {
  const agent = new ProviderAgent(new URL(issuer).protocol, { own: NOBODY, ...options });
  custom.setHttpOptionsDefaults({ timeout: 5_000, agent });
  return Issuer.discover(issuer);
}

/** A name service of which every name leads to these addresses. */
function leadingTo(...addresses: string[]): ProviderAgentOptions['lookup'] {
  const found = addresses.map((address) => ({ address, family: address.includes(':') ? 6 : 4 }));
  return ((_host: string, _options: unknown, done: (error: null, all: typeof found) => void) =>
    process.nextTick(done, null, found)) as unknown as ProviderAgentOptions['lookup'];
}

const DOCUMENT: RequestListener = (request, response) => {
  response.setHeader('Content-Type', 'application/json');
  response.end(JSON.stringify({ issuer: `http://${request.headers.host}` }));
};

test('F5: a provider on this machine or in a private network is asked, by address and by name', async (t) => {
  const { port } = await provider(t, DOCUMENT);
  assert.equal((await discover(`http://127.0.0.1:${port}`)).metadata.issuer, `http://127.0.0.1:${port}`);
  const named = await discover(`http://login.corp.example:${port}`, { lookup: leadingTo('127.0.0.1') });
  assert.equal(named.metadata.issuer, `http://login.corp.example:${port}`);
});

test('F5: metadata services, link-local and group addresses are never asked, whatever notation hides them', async () => {
  for (const host of [
    '169.254.169.254',
    '[::ffff:169.254.169.254]',
    '[64:ff9b::a9fe:a9fe]',
    '2852039166',
    '169.254.10.1',
    '[fe80::1]',
    '0.0.0.0',
    '224.0.0.1',
    '[fd00:ec2::254]',
  ]) {
    await assert.rejects(discover(`http://${host}`), { code: 'EREFUSEDADDRESS' }, host);
    await assert.rejects(discover(`https://${host}`), { code: 'EREFUSEDADDRESS' }, host);
  }
  await assert.rejects(
    discover('https://login.corp.example', { lookup: leadingTo('169.254.169.254') }),
    /login\.corp\.example leads to 169\.254\.169\.254, a cloud’s metadata service, and is not asked\./,
  );
});

test('F5: of a name with several addresses only the good ones are tried, and the name is looked up once', async (t) => {
  const { port } = await provider(t, DOCUMENT);
  let lookups = 0;
  const good = leadingTo('169.254.169.254', '127.0.0.1');
  const bad = leadingTo('169.254.169.254');
  const lookup = ((...given: Parameters<NonNullable<typeof good>>) => {
    lookups += 1;
    return (lookups === 1 ? good : bad)?.(...given);
  }) as ProviderAgentOptions['lookup'];
  await discover(`http://login.corp.example:${port}`, { lookup });
  assert.equal(lookups, 1);
});

test('F5: Foyer’s own listener is no provider', async (t) => {
  const { port, asked } = await provider(t, DOCUMENT);
  const own = { listeners: [{ address: '0.0.0.0' as Address, port }], addresses: [] };
  await assert.rejects(discover(`http://127.0.0.1:${port}`, { own }), /where Foyer itself listens/);
  await assert.rejects(discover(`http://x.example:${port}`, { own, lookup: leadingTo('127.0.0.1') }), /Foyer itself/);
  assert.deepEqual(asked, []);
});

test('F5: no redirect is followed', async (t) => {
  const other = await provider(t, DOCUMENT);
  const { port } = await provider(t, (_request, response) => {
    response.writeHead(302, { location: `http://127.0.0.1:${other.port}/` }).end();
  });
  await assert.rejects(discover(`http://127.0.0.1:${port}`), /expected 200 OK, got: 302 Found/);
  assert.deepEqual(other.asked, []);
});

test('F5: an answer without end is cut off, by bytes and by time', async (t) => {
  // By bytes alone: the time is longer than this test's.
  const endless = await provider(t, (_request, response) => {
    const more = (): void => {
      while (response.write(Buffer.alloc(64 * 1024, ' ')));
      response.once('drain', more);
    };
    more();
  });
  await assert.rejects(discover(`http://127.0.0.1:${endless.port}`, { maxMs: 600_000 }), /aborted/);
  const dripping = await provider(t, (_request, response) => {
    const timer = setInterval(() => response.write(' '), 20);
    response.once('close', () => clearInterval(timer));
  });
  await assert.rejects(discover(`http://127.0.0.1:${dripping.port}`, { maxMs: 200 }), /aborted/);
});
