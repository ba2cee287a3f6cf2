// How `foyer nameserver` is reached: by TLS with a certificate that may change, by systemd-resolved, and by every program that people use.
import assert from 'node:assert/strict';
import { chmodSync, mkdirSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { after, before, describe, test } from 'node:test';
import { createAuthority } from '#server/certificates.testing.ts';
import { noNetworks, type SmallInternet, startSmallInternet } from '#server/internet.testing.ts';
import { startChild } from '../../e2e/system/child.ts';
import { digAt, FOYER, outgoingDuring, startNameserver, until } from './nameserver.testing.ts';

const skip = noNetworks() ?? false;
const RECORDS = [{ zone: 'acme.zt.net', lines: [{ name: 'Win-A', type: 'A', value: '100.64.0.1' }] }];

describe('reaching foyer nameserver', { skip }, () => {
  let net: SmallInternet;
  before(async () => {
    net = await startSmallInternet();
  });
  after(() => net.stop());

  test('by DNS over TLS with its own certificate, and with another one as soon as the file has it', async (t) => {
    const authority = await createAuthority('Office authority');
    const file = (name: string, text: string) => {
      writeFileSync(join(net.folder, name), text);
      return join(net.folder, name);
    };
    const ca = file('office-ca.pem', authority.pem);
    const write = async (name: string) => {
      const { cert, key } = await authority.issue({ names: [name] });
      return { certificate: file('own.pem', cert), key: file('own.key', key) };
    };
    const tls = { listen: ['127.0.0.53'], ...(await write('dns.corp.example')) };
    const { said, change } = await startNameserver(t, net, { tls, records: RECORDS });
    const kdig = (hostname: string) =>
      net.atHome(
        'kdig',
        '@127.0.0.53',
        '+tls',
        `+tls-ca=${ca}`,
        `+tls-hostname=${hostname}`,
        '+short',
        '+retry=0',
        '+time=15',
        'Win-A',
        'A',
      );
    assert.equal(await kdig('dns.corp.example'), '100.64.0.1');
    assert.doesNotMatch(await kdig('other.corp.example'), /^100\.64/m);
    await write('other.corp.example');
    await change({ tls, records: RECORDS });
    assert.equal(await kdig('other.corp.example'), '100.64.0.1');
    file('own.pem', 'no certificate');
    await change({ tls, records: RECORDS });
    assert.equal(await kdig('other.corp.example'), '100.64.0.1');
    assert.match(said('last good configuration stays')[0]?.msg ?? '', /own\.pem/);
    await write('other.corp.example');
    await change({ tls: { ...tls, listen: ['198.51.100.9'] }, records: RECORDS });
    assert.match(said('last good configuration stays')[1]?.msg ?? '', /198\.51\.100\.9/);
    assert.equal(await kdig('other.corp.example'), '100.64.0.1', 'what was open is open again');
    await change({ records: RECORDS });
    assert.doesNotMatch(await kdig('other.corp.example'), /^100\.64/m);
    assert.equal(await digAt(net, 'Win-A'), 'NOERROR, A 100.64.0.1');
  });

  test('D8: upstreams prove their name to the authorities of now, or are not asked, also not in plain text', async (t) => {
    const other = await createAuthority('Somebody else');
    const file = join(net.folder, 'authorities.pem');
    const input = { upstreamCa: file };
    writeFileSync(file, readFileSync(net.caFile));
    const { change, said } = await startNameserver(t, net, input);
    assert.equal(await digAt(net, 'a.example.com'), 'NOERROR, A 203.0.113.80');
    writeFileSync(file, other.pem);
    await change(input);
    const outgoing = await outgoingDuring(net, async () => {
      assert.equal(await digAt(net, 'b.example.com'), 'SERVFAIL');
    });
    assert.equal(outgoing.udp53 + outgoing.tcp53, 0);
    writeFileSync(file, 'none');
    await change(input);
    assert.match(
      said('last good configuration stays')[0]?.msg ?? '',
      /authorities\.pem cannot be used \(it holds no certificate\)/,
    );
    writeFileSync(file, readFileSync(net.caFile));
    await change(input);
    await until(async () => (await digAt(net, 'c.example.com')) === 'NOERROR, A 203.0.113.80');
  });

  test('ST4.X: systemd-resolved is told the port that is really taken, and is left as it was in the end', async (t) => {
    const tools = join(net.folder, 'tools');
    const calls = join(net.folder, 'resolvectl.log');
    mkdirSync(tools);
    // Stands in for the real one, which needs systemd as the first process.
    writeFileSync(join(tools, 'resolvectl'), `#!/bin/sh\necho "$*" >> ${calls}\n`);
    chmodSync(join(tools, 'resolvectl'), 0o755);
    const holder = startChild([
      ...net.home.enter,
      'dnsmasq',
      '-k',
      '--log-facility=-',
      '--no-resolv',
      '--no-hosts',
      '--bind-interfaces',
      '--listen-address=127.0.0.1',
      '--conf-file=/dev/null',
      '--pid-file=',
    ]);
    t.after(() => holder.stop());
    await holder.line(/started/);
    const env = { PATH: `${tools}:${process.env.PATH}` };
    const input = { listen: ['127.0.0.1'], records: RECORDS };
    const { child, change, said } = await startNameserver(t, net, { ...input, resolved: { link: 'wg0' } }, { env });
    await child.line(/systemd-resolved asks us/);
    assert.deepEqual(readFileSync(calls, 'utf8').trim().split('\n'), ['dns wg0 127.0.0.1:15353', 'domain wg0 ~.']);
    await change({ ...input, upstreams: [], resolved: { link: 'wg0' } });
    await change({ ...input, resolved: { link: 'wg1', domains: ['~corp.example'] } });
    await child.stop();
    assert.deepEqual(readFileSync(calls, 'utf8').trim().split('\n').slice(2), [
      'dns wg0 127.0.0.1:15353',
      'domain wg0 ~acme.zt.net ~ztna',
      'revert wg0',
      'dns wg1 127.0.0.1:15353',
      'domain wg1 ~corp.example',
      'revert wg1',
    ]);
    assert.deepEqual(
      said('').filter(({ level }) => level === 'error'),
      [],
    );
  });

  test('ST4.X: a link that comes later than the nameserver is pointed at it by SIGHUP, and one that never came is not taken back', async (t) => {
    const tools = join(net.folder, 'late-tools');
    const [calls, link] = [join(net.folder, 'late.log'), join(net.folder, 'late-link')];
    mkdirSync(tools);
    const unknown = 'echo "Failed to resolve interface \\"$2\\": No such device" >&2; exit 1';
    writeFileSync(join(tools, 'resolvectl'), `#!/bin/sh\n[ -e ${link} ] || { ${unknown}; }\necho "$*" >> ${calls}\n`);
    chmodSync(join(tools, 'resolvectl'), 0o755);
    const input = { records: RECORDS, resolved: { link: 'wg0' } };
    const env = { PATH: `${tools}:${process.env.PATH}` };
    const early = await startNameserver(t, net, input, { env });
    await early.child.line(/could not be told.*No such device\. It is tried again every minute/);
    await early.child.stop();
    assert.deepEqual(early.said('still asks us'), []);
    const { child, change } = await startNameserver(t, net, input, { env });
    await child.line(/could not be told/);
    writeFileSync(link, '');
    await change(input);
    await change(input);
    await child.stop();
    assert.deepEqual(readFileSync(calls, 'utf8').trim().split('\n'), [
      'dns wg0 127.0.0.53:53',
      'domain wg0 ~.',
      'revert wg0',
    ]);
  });

  test('without systemd-resolved that is said, and names are answered all the same', async (t) => {
    const { child, said } = await startNameserver(t, net, { records: RECORDS, resolved: { link: 'wg0' } });
    await child.line(/could not be told/);
    assert.match(said('could not be told')[0]?.msg ?? '', /there is no resolvectl on this machine/);
    assert.equal(await digAt(net, 'Win-A'), 'NOERROR, A 100.64.0.1');
  });

  test('what keeps it from starting is a sentence and an exit code', async () => {
    const broken = join(net.folder, 'broken.json');
    writeFileSync(broken, '{ "listen": ["example.com"] }');
    const cases: [string[], RegExp][] = [
      [
        ['--config', join(net.folder, 'none.json')],
        /none\.json cannot be read \(ENOENT\): name a file that this user may read\.$/,
      ],
      [['--config', net.folder], /cannot be read \(EISDIR\): name a file that this user may read\.$/],
      [['--config', broken], /broken\.json: listen\.0: This is no listening address\. .*127\.0\.0\.1:53/],
    ];
    for (const [args, sentence] of cases) {
      const child = startChild([...net.home.enter, ...FOYER, 'nameserver', ...args]);
      assert.deepEqual(await child.exited, { code: 1, signal: null });
      assert.match(child.lines().join('\n'), sentence);
    }
  });
});
