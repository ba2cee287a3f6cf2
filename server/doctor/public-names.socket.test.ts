// SOL-1, SOL-2: the doctor asks a real DNS server what a browser would ask, and knows a right record from each wrong one.
import assert from 'node:assert/strict';
import { type TestContext, test } from 'node:test';
import { parseAddress } from '#server/core/address.ts';
import { type Hostname, parseHostname } from '#server/core/hostname.ts';
import { startDnsServer } from '#server/dns/listen.ts';
import { nameFromLabels } from '#server/dns/name.ts';
import { buildZone } from '#server/dns/zone.ts';
import { checkPublicNames, publicLookUp } from './public-names.ts';

const ZONE = [
  { name: 'gw', type: 'A', value: '203.0.113.20' },
  { name: 'portal', type: 'A', value: '203.0.113.20' },
  { name: 'wiki', type: 'CNAME', value: 'gw' },
  { name: 'direct', type: 'A', value: '203.0.113.20' },
  { name: 'past', type: 'A', value: '192.168.1.20' },
  { name: 'elsewhere', type: 'CNAME', value: 'old-gw' },
  { name: 'old-gw', type: 'A', value: '203.0.113.99' },
];

test('SOL-1, SOL-2: a CNAME to the gateway is right, and every other way is said with the record to make', async (t) => {
  const lookUp = publicLookUp([await startPublicDns(t)]);
  const table: [string, string, RegExp][] = [
    ['wiki', 'ok', /wiki\.corp\.example is a CNAME of gw\.corp\.example/],
    ['direct', 'ok', /though by another way/],
    [
      'past',
      'error',
      /leads to 192\.168\.1\.20 and not to the gateway, so Past .*: make it past\.corp\.example\. CNAME gw\.corp\.example\.$/,
    ],
    ['elsewhere', 'error', /leads to 203\.0\.113\.99 and not to the gateway/],
    [
      'missing',
      'error',
      /does not know missing\.corp\.example, so nobody can open Missing: add missing\.corp\.example\. CNAME/,
    ],
  ];
  const apps = table.map(([host]) => ({
    name: `${host[0]?.toUpperCase()}${host.slice(1)}`,
    hosts: [name(`${host}.corp.example`)],
  }));
  const findings = await checkPublicNames(
    { portal: name('portal.corp.example'), gatewayName: name('gw.corp.example'), apps },
    lookUp,
  );
  const [gateway, portal, ...rest] = findings;
  assert.deepEqual([gateway?.level, portal?.level], ['ok', 'ok']);
  for (const [at, [host, level, sentence]] of table.entries()) {
    assert.equal(rest[at]?.level, level, host);
    assert.match(rest[at]?.sentence ?? '', sentence);
  }
});

test('a gateway without an address, a portal elsewhere, and a gateway without a name are said', async (t) => {
  const lookUp = publicLookUp([await startPublicDns(t)]);
  const check = async (portal: string, gateway: string | null) => {
    const names = { portal: name(portal), gatewayName: gateway === null ? null : name(gateway), apps: [] };
    return (await checkPublicNames(names, lookUp)).map(({ level, check: what }) => `${level} ${what}`);
  };
  assert.deepEqual(await check('portal.corp.example', 'nowhere.corp.example'), ['error gateway-name']);
  assert.deepEqual(await check('past.corp.example', 'gw.corp.example'), ['ok gateway-name', 'error portal-name']);
  assert.deepEqual(await check('portal.corp.example', null), ['warning gateway-name']);
  assert.deepEqual(await check('portal.localhost', null), ['ok public-name']);
});

async function startPublicDns(t: TestContext): Promise<string> {
  const origin = nameFromLabels(['corp', 'example']);
  const address = parseAddress('127.0.0.1');
  assert.ok(origin && address);
  const built = buildZone({ origin, lines: ZONE });
  assert.ok(built.kind === 'zone');
  const server = await startDnsServer({ address, port: 0, zones: () => [built.zone] });
  t.after(() => server.close());
  return `127.0.0.1:${server.port}`;
}

function name(text: string): Hostname {
  const hostname = parseHostname(text);
  assert.ok(hostname);
  return hostname;
}
