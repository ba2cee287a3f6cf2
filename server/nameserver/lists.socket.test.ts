// What `foyer nameserver` blocks, answers itself and asks for, on the wire: QZ-O, D11 and D12, and every change without a restart.
import assert from 'node:assert/strict';
import { mkdirSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { after, before, describe, type TestContext, test } from 'node:test';
import { noNetworks, QUAD9, type SmallInternet, startSmallInternet } from '#server/internet.testing.ts';
import { digAt, outgoingDuring, startNameserver } from './nameserver.testing.ts';

const skip = noNetworks() ?? false;
const NOTHING = { dot: 0, udp53: 0, tcp53: 0 };

describe('what foyer nameserver blocks', { skip }, () => {
  let net: SmallInternet;
  before(async () => {
    net = await startSmallInternet();
  });
  after(() => net.stop());

  const dig = (...args: string[]) => digAt(net, ...args);
  const start = (t: TestContext, input: object) => startNameserver(t, net, input);
  const listFile = (name: string, text: string) => {
    const file = join(net.folder, name);
    writeFileSync(file, text);
    return file;
  };

  test('QZ-O1, QZ-O2, QZ-O3: block list, then our own records, then upstreams; the allow list beats the block list', async (t) => {
    await start(t, {
      block: {
        files: [listFile('o.txt', '0.0.0.0 exact.example.com\n')],
        names: ['ads.example.org', 'Win-B.acme.zt.net'],
      },
      allow: { names: ['good.ads.example.org'] },
      records: [
        {
          zone: 'acme.zt.net',
          lines: [
            { name: 'Win-A', type: 'A', value: '100.64.0.1' },
            { name: 'Win-B', type: 'A', value: '100.64.0.2' },
          ],
        },
      ],
    });
    const outgoing = await outgoingDuring(net, async () => {
      for (const name of ['ads.example.org', 'deep.down.ads.example.org', 'exact.example.com', 'Win-B.acme.zt.net'])
        assert.equal(await dig(name), 'NXDOMAIN', name);
      assert.equal(await dig('Win-A'), 'NOERROR, A 100.64.0.1');
      for (const [name, why] of [
        ['exact.example.com', 'exact.example.com in o.txt'],
        ['deep.ads.example.org', '*.ads.example.org in the configuration'],
      ] as const)
        assert.ok((await net.atHome('dig', '@127.0.0.53', name)).includes(`EDE: 15 (Blocked): (${why})`), name);
    });
    assert.deepEqual(outgoing, NOTHING);
    assert.equal(await dig('below.exact.example.com'), 'NOERROR, A 203.0.113.80');
    assert.equal(await dig('good.ads.example.org'), 'NOERROR, A 203.0.113.82');
    assert.equal(await dig('example.org'), 'NOERROR, A 203.0.113.82');
    assert.deepEqual(net.asked(QUAD9[0]), ['below.exact.example.com', 'good.ads.example.org', 'example.org']);
  });

  test('D11: a blocked name stays blocked by alias, other case, final dot, IDN, HTTPS record, MX and PTR', async (t) => {
    const { change } = await start(t, { block: { names: ['ads.example.org', 'bücher.example.com'] } });
    const cases: string[][] = [
      ['ads.example.org'],
      ['ADS.eXample.ORG'],
      ['ads.example.org.'],
      ['ads.example.org', 'AAAA'],
      ['ads.example.org', 'HTTPS'],
      ['ads.example.org', 'SVCB'],
      ['ads.example.org', 'TXT'],
      ['ads.example.org', 'PTR'],
      ['xn--bcher-kva.example.com'],
      ['alias.example.net'],
      ['service.example.net', 'HTTPS'],
      ['-x', '8.8.8.8'],
    ];
    for (const each of cases) assert.equal(await dig(...each), 'NXDOMAIN', each.join(' '));
    // What was remembered from upstreams is judged by the lists of now.
    await change({ block: { names: ['other.example.org'] } });
    assert.equal(await dig('alias.example.net'), 'NOERROR, CNAME ads.example.org.');
    await change({ block: { names: ['ads.example.org'] } });
    assert.equal(await dig('alias.example.net'), 'NXDOMAIN');
  });

  test('D12: a list that goes bad leaves the last good one in force, a good one counts at once, nothing is restarted', async (t) => {
    const file = listFile('d12.txt', '||one.example.com^\n');
    const { child, noticed, said } = await start(t, { block: { files: [file] } });
    assert.equal(await dig('one.example.com'), 'NXDOMAIN');
    await noticed(() => listFile('d12.txt', '<html>503 Service Unavailable</html>\n'));
    assert.equal(await dig('one.example.com'), 'NXDOMAIN');
    assert.match(said('d12.txt')[0]?.msg ?? '', /is a page of HTML.*The 1 names? of before stays? in force/);
    await noticed(() => listFile('d12.txt', '||two.example.com^\n'));
    assert.equal(await dig('one.example.com'), 'NOERROR, A 203.0.113.80');
    assert.equal(await dig('two.example.com'), 'NXDOMAIN');
    assert.equal(said('DNS resolver started').length, 1);
    assert.ok(child.pid > 0);
  });

  test('D12: SIGHUP takes the sudden change that was refused to one just before', async (t) => {
    const lines = (count: number) => Array.from({ length: count }, (_, at) => `d${at}.example.com\n`).join('');
    const input = { block: { files: [listFile('sudden.txt', lines(2_000))] } };
    const { change, noticed, said } = await start(t, input);
    await noticed(() => listFile('sudden.txt', lines(10)));
    assert.match(
      said('sudden.txt')[0]?.msg ?? '',
      /less than half.*send SIGHUP twice within ten minutes to take it\.$/,
    );
    assert.equal(await dig('d99.example.com'), 'NXDOMAIN');
    await change(input);
    assert.equal(await dig('d99.example.com'), 'NXDOMAIN');
    await change(input);
    assert.equal(await dig('d99.example.com'), 'NOERROR, A 203.0.113.80');
    assert.equal(await dig('d9.example.com'), 'NXDOMAIN');
  });

  test('D12: beside a Foyer a start whose list went bad has the last good one', async (t) => {
    const FOYER_DATA_DIR = join(net.folder, 'data');
    mkdirSync(FOYER_DATA_DIR);
    const input = { block: { files: [listFile('kept.txt', '||kept.example.com^\n')] } };
    const run = () =>
      startNameserver(t, net, input, { env: { FOYER_PORTAL_URL: 'https://portal.corp.example', FOYER_DATA_DIR } });
    await (await run()).child.stop();
    listFile('kept.txt', '<html>503 Service Unavailable</html>\n');
    const { said } = await run();
    assert.equal(await dig('kept.example.com'), 'NXDOMAIN');
    assert.match(
      said('kept.txt')[0]?.msg ?? '',
      /is a page of HTML.*The 1 names of the copy from 20\S+ are in force\.$/,
    );
  });

  test('a changed file counts without a restart, a bad one is one error line and the last good one stays', async (t) => {
    const records = (value: string) => [{ zone: 'acme.zt.net', lines: [{ name: 'Win-A', type: 'A', value }] }];
    const { change, said } = await start(t, { records: records('100.64.0.1') });
    assert.equal(await dig('Win-A'), 'NOERROR, A 100.64.0.1');
    await change({ records: records('100.64.0.9') });
    assert.equal(await dig('Win-A'), 'NOERROR, A 100.64.0.9');
    await change({ records: records('not an address') });
    assert.equal(await dig('Win-A'), 'NOERROR, A 100.64.0.9');
    const errors = said('').filter(({ level }) => level === 'error');
    assert.equal(errors.length, 1, JSON.stringify(errors));
    assert.match(
      errors[0]?.msg ?? '',
      /last good configuration stays\. .*records\.0\.lines: Win-A has a value that is no A: not an address/,
    );
    assert.deepEqual(
      said('reload: done').map(({ msg }) => msg),
      ['reload: done', 'reload: done, with the configuration of before'],
    );
    await change({
      records: records('100.64.0.9'),
      listen: ['127.0.0.53', '127.0.0.54', '::1'],
      clients: ['127.0.0.53', '::1'],
    });
    assert.equal(await dig('-b', '127.0.0.53', 'Win-A'), 'NOERROR, A 100.64.0.9');
    assert.equal(await dig('-b', '127.0.0.9', 'Win-A'), 'REFUSED');
    assert.match(await net.atHome('dig', '@::1', 'Win-A', '+short'), /100\.64\.0\.9/);
    assert.match(await net.atHome('dig', '-b', '127.0.0.53', '@127.0.0.54', 'Win-A', '+short'), /100\.64\.0\.9/);
    await change({ records: records('100.64.0.9'), listen: ['0.0.0.0'], clients: ['127.0.0.1', '192.0.2.1'] });
    for (const own of ['127.0.0.1', '192.0.2.1'])
      assert.equal(await net.atHome('dig', `@${own}`, 'Win-A', '+short', '+tries=1'), '100.64.0.9', own);
    assert.equal(said('Cannot bind').length, 0, 'our own socket is no reason for the high port');
    await change({ records: records('100.64.0.9'), listen: ['198.51.100.7'] });
    assert.equal(await net.atHome('dig', '@127.0.0.1', 'Win-A', '+short', '+tries=1'), '100.64.0.9');
    assert.match(said('does not have this address')[0]?.msg ?? '', /198\.51\.100\.7/);
  });

  test('F6, F7: a public name has no private address, and a private name is asked for nowhere else', async (t) => {
    const { change } = await start(t, {
      zones: [{ name: 'corp.internal', servers: ['127.0.0.99'] }],
      records: [{ zone: 'acme.zt.net', lines: [{ name: 'Win-A', type: 'A', value: '100.64.0.1' }] }],
    });
    assert.equal(await dig('rebind.example.net'), 'NOERROR');
    const outgoing = await outgoingDuring(net, async () => {
      assert.equal(await dig('wiki.corp.internal'), 'SERVFAIL');
      assert.equal(await dig('Win-B.acme.zt.net'), 'NXDOMAIN');
      for (const special of ['other.internal', 'nas.home.arpa', 'printer.local', 'use-application-dns.net'])
        assert.equal(await dig(special), 'NXDOMAIN', special);
      assert.equal(await dig('-x', '192.168.1.1'), 'NXDOMAIN');
      assert.equal(await dig('-x', '100.64.0.1'), 'NOERROR, PTR Win-A.acme.zt.net.');
      assert.equal(await dig('-x', '100.64.0.2'), 'NXDOMAIN');
    });
    assert.deepEqual(outgoing, NOTHING);
    await change({ allowPrivate: ['example.net'] });
    assert.equal(await dig('rebind.example.net'), 'NOERROR, A 192.168.1.1');
  });
});
