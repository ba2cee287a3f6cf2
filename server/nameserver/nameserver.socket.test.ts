// `foyer nameserver` as people run it, on a network of its own: ST1, ST2 and ST4 of the seed, with what left the machine counted.
import assert from 'node:assert/strict';
import { chmodSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { after, afterEach, before, describe, type TestContext, test } from 'node:test';
import { noNetworks, QUAD9, type SmallInternet, SYSTEM_DNS, startSmallInternet } from '#server/internet.testing.ts';
import { startChild } from '../../e2e/system/child.ts';
import { digAt, FOYER, outgoingDuring, startNameserver, until } from './nameserver.testing.ts';

const skip = noNetworks() ?? false;
const DISABLED = 'DNS-over-TLS failed, plaintext fallback disabled -- returning SERVFAIL';
const RECORDS = [{ zone: 'acme.zt.net', lines: [{ name: 'Win-A', type: 'A', value: '100.64.0.1' }] }];

describe('foyer nameserver', { skip }, () => {
  let net: SmallInternet;
  before(async () => {
    net = await startSmallInternet();
  });
  after(() => net.stop());
  afterEach(() => net.dropNothing());

  const dig = (...args: string[]) => digAt(net, ...args);
  const start = (t: TestContext, input: object) => startNameserver(t, net, { records: RECORDS, ...input });

  test('ST1.1 ST1.2 ST1.3 ST1.4 ST1.5: our own names need no upstream, and public names come back with it', async (t) => {
    await start(t, {});
    // ST1.1
    assert.equal(await dig('Win-A'), 'NOERROR, A 100.64.0.1');
    assert.match(await net.atHome('nslookup', 'Win-A', '127.0.0.53'), /Address: 100\.64\.0\.1/);
    assert.equal(await dig('google.com'), 'NOERROR, A 203.0.113.81');
    // ST1.2, ST1.3: outbound, as the seed has it; what stays on the machine is nslookup's own question.
    await net.drop('tcp dport 853', 'udp dport 53');
    const outgoing = await outgoingDuring(net, async () => {
      for (const name of ['Win-A', 'win-a.ztna', 'WIN-A.acme.zt.net.'])
        assert.equal(await dig(name), 'NOERROR, A 100.64.0.1');
      assert.match(await net.atHome('nslookup', 'Win-A', '127.0.0.53'), /Address: 100\.64\.0\.1/);
      assert.equal(await dig('no-such-machine.acme.zt.net'), 'NXDOMAIN');
      assert.equal(await dig('Win-A', 'AAAA'), 'NOERROR');
    });
    assert.deepEqual(outgoing, { dot: 0, udp53: 0, tcp53: 0 });
    // ST1.4
    const askedAt = performance.now();
    assert.equal(await dig('other.google.com'), 'SERVFAIL');
    assert.ok(performance.now() - askedAt < 6_500);
    // ST1.5
    await net.dropNothing();
    await until(async () => (await dig('www.google.com')) === 'NOERROR, A 203.0.113.81');
  });

  test('ST2.1 ST2.2 ST2.3 ST2.4 ST2.5: the second Quad9 answers when the first is silent; with both silent nothing goes in plain text', async (t) => {
    const { said } = await start(t, {});
    // What the last test's nameserver had written into a dropped connection may arrive now.
    const asked = (server: string) => net.asked(server).filter((name) => name.endsWith('.example.com'));
    assert.equal(await dig('a.example.com'), 'NOERROR, A 203.0.113.80');
    assert.deepEqual(asked(QUAD9[0]), ['a.example.com']);
    // ST2.1, ST2.2
    await net.drop(`ip daddr ${QUAD9[0]} tcp dport 853`);
    const askedAt = performance.now();
    assert.equal(await dig('b.example.com'), 'NOERROR, A 203.0.113.80');
    assert.ok(performance.now() - askedAt < 4_000);
    assert.deepEqual(asked(QUAD9[1]), ['b.example.com']);
    const nextAt = performance.now();
    assert.equal(await dig('c.example.com'), 'NOERROR, A 203.0.113.80');
    assert.ok(performance.now() - nextAt < 500, 'only the first question pays');
    // ST2.3, ST2.4
    await net.drop(`ip daddr ${QUAD9[1]} tcp dport 853`);
    const outgoing = await outgoingDuring(net, async () => assert.equal(await dig('d.example.com'), 'SERVFAIL'));
    assert.equal(outgoing.udp53 + outgoing.tcp53, 0);
    assert.ok(outgoing.dot > 0);
    assert.equal(said(DISABLED).length, 1);
    // ST2.5
    await net.dropNothing();
    const backAt = performance.now();
    await until(async () => (await dig('e.example.com')) === 'NOERROR, A 203.0.113.80');
    assert.ok(performance.now() - backAt < 3_000);
  });

  test('ST2.4b: with the flag the machine’s own DNS server is asked in plain text, and not before TLS has failed', async (t) => {
    const { said } = await start(t, { allowPlaintextFallback: true });
    net.asked(SYSTEM_DNS);
    assert.equal(await dig('a.example.com'), 'NOERROR, A 203.0.113.80');
    assert.deepEqual(net.asked(SYSTEM_DNS), []);
    await net.drop('tcp dport 853');
    const outgoing = await outgoingDuring(net, async () =>
      assert.equal(await dig('f.example.com'), 'NOERROR, A 203.0.113.80'),
    );
    assert.ok(outgoing.udp53 > 0);
    assert.deepEqual(net.asked(SYSTEM_DNS), ['f.example.com']);
    const nextAt = performance.now();
    for (const name of ['g.example.com', 'h.example.com']) assert.equal(await dig(name), 'NOERROR, A 203.0.113.80');
    assert.ok(performance.now() - nextAt < 1_000, 'only the first question pays');
    assert.equal(said('DNS-over-TLS failed, and questions go out in plain text').length, 1);
    assert.equal(said(DISABLED).length, 0);
  });

  test('ST2.4b: a machine whose only DNS server is ourselves asks Quad9 in plain text, not ourselves', async (t) => {
    const bare = await startSmallInternet({ systemDns: '127.0.0.53' });
    t.after(() => bare.stop());
    await startNameserver(t, bare, { allowPlaintextFallback: true });
    await bare.drop('tcp dport 853');
    const outgoing = await outgoingDuring(bare, async () => {
      assert.equal(await digAt(bare, 'g.example.com'), 'NOERROR, A 203.0.113.80');
    });
    assert.ok(outgoing.udp53 > 0);
    assert.deepEqual(bare.asked(QUAD9[0]), ['g.example.com']);
    assert.deepEqual(bare.asked(SYSTEM_DNS), []);
  });

  test('what is set and does nothing is said at the start', async (t) => {
    const env = { FOYER_DATA_DIR: net.folder, FOYER_NAMESERVERFILE: 'names.json' };
    const { said } = await startNameserver(t, net, { records: RECORDS }, { env });
    assert.deepEqual(
      said('').flatMap(({ level, msg }) => (level === 'warn' ? [msg] : [])),
      [
        'these variables mean nothing to Foyer: check their spelling',
        'FOYER_DATA_DIR alone names no Foyer, so none is followed: set FOYER_PORTAL_URL as for foyer start',
      ],
    );
  });

  test('a gateway to which no name leads is said at the start, and one name is enough', async (t) => {
    const words = 'no name is known that leads to the gateway';
    const gateway = { inside: ['10.0.0.20'] };
    const alone = await startNameserver(t, net, { gateway });
    assert.deepEqual(
      alone.said(words).map(({ level }) => level),
      ['warn'],
    );
    await alone.child.stop();
    const named = await startNameserver(t, net, { gateway: { ...gateway, names: ['wiki.corp.example'] } });
    assert.equal(named.said(words).length, 0);
    assert.equal(await dig('wiki.corp.example'), 'NOERROR, A 10.0.0.20');
  });

  const noRoot = process.getuid?.() === 0 ? false : 'only root can be somebody else';
  test('ST4: where port 53 is not allowed it is on 15353, too', { skip: noRoot }, async (t) => {
    chmodSync(net.folder, 0o755);
    const asNobody = ['setpriv', '--reuid=65534', '--clear-groups', '--inh-caps=-all', '--bounding-set=-all', '--'];
    const machine = { ...net.home, enter: [...net.home.enter, ...asNobody] };
    const { said } = await startNameserver(t, net, { records: RECORDS, upstreamCa: null }, { machine });
    assert.match(String(said('Cannot bind to port 53, trying high port')[0]?.reason), /need more rights/);
    assert.equal(said('DNS resolver started')[0]?.address, '127.0.0.53:15353');
    assert.equal(await net.atHome('dig', '@127.0.0.53', '-p', '15353', '+short', 'Win-A'), '100.64.0.1');
  });

  test('ST4.1 ST4.2 ST4.3: with port 53 taken it is on 15353 by UDP and TCP, and one of the two answers as us', async (t) => {
    const holder = startChild([
      ...net.home.enter,
      'dnsmasq',
      '--keep-in-foreground',
      '--log-facility=-',
      '--no-resolv',
      '--no-hosts',
      '--bind-interfaces',
      '--listen-address=127.0.0.53',
      '--conf-file=/dev/null',
      '--pid-file=',
    ]);
    t.after(() => holder.stop());
    await holder.line(/started/);
    const { said } = await start(t, {});
    const text = (port: string, ...more: string[]) =>
      net.atHome('dig', '@127.0.0.53', '-p', port, '+tries=1', '+timeout=2', '+short', 'Win-A', ...more);
    // ST4.1, ST4.2
    assert.deepEqual(
      [await text('15353'), await text('15353', '+tcp'), await text('53')],
      ['100.64.0.1', '100.64.0.1', ''],
    );
    assert.match(await net.atHome('nslookup', '-port=15353', 'Win-A', '127.0.0.53'), /Address: 100\.64\.0\.1/);
    // ST4.3
    assert.equal(said('Cannot bind to port 53, trying high port').length, 1);
    assert.equal(said('DNS resolver started')[0]?.address, '127.0.0.53:15353');
    const second = startChild([...net.home.enter, ...FOYER, 'nameserver']);
    assert.equal((await second.exited).code, 1);
    assert.match(
      second.lines().join('\n'),
      /127\.0\.0\.53 port 53 .*another program uses.*port 15353 .*Free one of the two/s,
    );
  });

  test('ST4: a machine that has 127.0.0.1 alone is answered there, on port 53 or 15353; an address that somebody named is no other', async (t) => {
    const bare = await startSmallInternet();
    t.after(() => bare.stop());
    await bare.atHome('ip', 'addr', 'add', '127.0.0.1/32', 'dev', 'lo');
    await bare.atHome('ip', 'addr', 'del', '127.0.0.1/8', 'dev', 'lo');
    const text = (port: string) =>
      bare.atHome('dig', '@127.0.0.1', '-p', port, '+tries=1', '+timeout=2', '+short', 'Win-A');
    const first = await startNameserver(t, bare, { records: RECORDS });
    assert.deepEqual(
      first.said('DNS resolver started').map(({ address }) => address),
      ['127.0.0.1:53'],
    );
    assert.equal(await text('53'), '100.64.0.1');
    await first.change({ records: RECORDS, listen: ['127.0.0.53'] });
    assert.match(
      first.said('last good configuration stays')[0]?.msg ?? '',
      /127\.0\.0\.53 port 53 .*does not have this/,
    );
    assert.equal(await text('53'), '100.64.0.1');
    const second = await startNameserver(t, bare, { records: RECORDS });
    assert.equal(second.said('Cannot bind to port 53, trying high port')[0]?.address, '127.0.0.1');
    assert.equal(second.said('DNS resolver started')[0]?.address, '127.0.0.1:15353');
    assert.equal(await text('15353'), '100.64.0.1');
    const file = join(bare.folder, 'named.json');
    writeFileSync(file, '{ "listen": ["127.0.0.53"] }');
    const named = startChild([...bare.home.enter, ...FOYER, 'nameserver', '--config', file]);
    assert.equal((await named.exited).code, 1);
    assert.match(
      named.lines().join('\n'),
      /127\.0\.0\.53 port 53 .*this machine does not have this address\. Name one of its own under "listen"\./,
    );
  });

  test('ST4: where nobody else has it, port 53 is ours and 15353 is not', async (t) => {
    const { child, said } = await start(t, {});
    const text = (port: string) =>
      net.atHome('dig', '@127.0.0.53', '-p', port, '+tries=1', '+timeout=1', '+short', 'Win-A');
    assert.equal(await text('53'), '100.64.0.1');
    assert.doesNotMatch(await text('15353'), /100\.64/);
    assert.equal(said('Cannot bind').length, 0);
    await child.stop();
    assert.deepEqual(await child.exited, { code: 0, signal: null });
  });
});
