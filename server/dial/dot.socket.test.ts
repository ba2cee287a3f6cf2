// The gateway's way to an app whose private DNS is asked by TLS: by the authorities in FOYER_UPSTREAM_CA, and never to an address that was not checked.
import assert from 'node:assert/strict';
import { once } from 'node:events';
import { writeFileSync } from 'node:fs';
import { type AddressInfo, createServer } from 'node:net';
import { join } from 'node:path';
import { type TestContext, test } from 'node:test';
import { createAuthority } from '#server/certificates.testing.ts';
import { isFault } from '#server/core/fault.ts';
import { createDialer } from '#server/dial.ts';
import { RCODE, TYPE } from '#server/dns/message.ts';
import { a, address, replyTo } from '#server/dns/packet.testing.ts';
import { type Heard, startStreamServer } from '#server/dns/stream-server.testing.ts';
import { temporaryFolder } from '#server/testing/program.ts';
import { app, silentLog, site } from './dial.testing.ts';
import { openExchange } from './own-exchange.ts';

const NAME = 'wiki.corp.internal';
const DNS_NAME = 'dns.corp.internal';
const INSIDE = '127.0.0.31';
const METADATA = '169.254.169.254';

test('SOL-5: an app is reached by a private DNS server over TLS whose authority is in FOYER_UPSTREAM_CA, and by no other name of it', async (t) => {
  const way = await startWay(t);
  assert.equal(await way.greeting(), 'wiki');
  assert.ok(way.dot.heard.length > 0);
  const before = way.dot.heard.length;
  way.current.site = { ...way.current.site, dnsServers: [{ ...way.dot.server, tlsName: 'other.corp.internal' }] };
  way.clock.now += 60_000;
  await assert.rejects(way.greeting(), (thrown) => isFault(thrown) && thrown.code.startsWith('upstream-dns'));
  assert.equal(way.dot.heard.length, before, 'it was not asked');
});

test('F3: a name with TTL 0 that turns from inside to outside and back is connected to only where each answer was checked', async (t) => {
  const way = await startWay(t);
  const target = await way.resolve();
  // Between check and dial the name is made to lead elsewhere: the checked address is dialled.
  way.answers.now = [METADATA];
  const { stream, endpoint } = await target.connect(target.endpoints);
  stream.destroy();
  assert.equal(endpoint.address, INSIDE);
  const evil = { address: address(METADATA), port: endpoint.port };
  await assert.rejects(target.connect([evil]), (thrown) => isFault(thrown) && thrown.code === 'upstream-unreachable');
  const table: [answers: string[], reached: string[] | null][] = [
    [[METADATA], null],
    [['198.18.0.1'], null],
    [['127.0.0.1'], null],
    [[`::ffff:${METADATA}`, '::ffff:127.0.0.1', 'fe80::1', '::1'], null],
    [['198.18.0.1', INSIDE, METADATA, '0.0.0.0'], [INSIDE]],
    [[METADATA, '127.0.0.32'], null],
    [[INSIDE], [INSIDE]],
  ];
  for (const [answers, reached] of table) {
    way.answers.now = answers;
    way.clock.now += 1_000;
    if (reached === null)
      await assert.rejects(
        way.resolve(),
        (thrown) => isFault(thrown) && thrown.code === 'upstream-address-refused',
        `${answers}`,
      );
    else
      assert.deepEqual(
        (await way.resolve()).endpoints.map((each) => each.address),
        reached,
        `${answers}`,
      );
  }
  assert.equal(await way.greeting(), 'wiki');
});

/** A site with one DNS server over TLS, an app at one allowed loopback address, and a clock. */
async function startWay(t: TestContext) {
  const authority = await createAuthority('DNS of the site');
  const caFile = join(temporaryFolder(t), 'ca.pem');
  writeFileSync(caFile, authority.pem);
  const answers = { now: [INSIDE] };
  const answer = ({ query, reply }: Heard) => {
    const isIpv6 = query.questions[0]?.type === TYPE.AAAA;
    const found = answers.now.filter((each) => each.includes(':') === isIpv6).map((each) => a(NAME, each, 0));
    reply(replyTo(query, { answers: found, rcode: RCODE.NOERROR }));
  };
  const tls = await authority.issue({ names: [DNS_NAME] });
  const dot = await startStreamServer(t, { tls, tlsName: DNS_NAME, answer });
  const upstream = createServer((socket) => socket.on('error', () => {}).end('wiki')).listen(0, INSIDE);
  await once(upstream, 'listening');
  t.after(() => upstream.close());
  const { port } = upstream.address() as AddressInfo;
  const current = { site: site({ dnsServers: [dot.server], endpoints: [{ address: address(INSIDE), port }] }) };
  const clock = { now: Date.now() };
  const { exchange, close } = openExchange({ now: Date.now, caFile });
  t.after(close);
  const dialer = createDialer({
    site: () => current.site,
    own: () => [],
    now: () => clock.now,
    log: silentLog,
    exchange,
  });
  t.after(() => dialer.close());
  const wanted = app({ host: NAME, port });
  const resolve = async () => dialer.resolve(wanted, wanted.upstream);
  const greeting = async (): Promise<string> => {
    const target = await resolve();
    const { stream } = await target.connect(target.endpoints);
    const [chunk] = await once(stream, 'data');
    stream.destroy();
    return String(chunk);
  };
  return { dot, answers, current, clock, resolve, greeting };
}
