// The doctor's promises about sites: it goes the gateway's own way, with a real name server and real apps, and names what stands in it.
import assert from 'node:assert/strict';
import { once } from 'node:events';
import { type AddressInfo, createServer } from 'node:net';
import { type TestContext, test } from 'node:test';
import { type Address, parseAddress } from '#server/core/address.ts';
import { type App, type Endpoint, PLAIN_TRAFFIC, PLAIN_UPSTREAM, type Site } from '#server/core/app.ts';
import { type Hostname, parseHostname } from '#server/core/hostname.ts';
import { startDnsServer } from '#server/dns/listen.ts';
import { nameFromLabels } from '#server/dns/name.ts';
import { buildZone } from '#server/dns/zone.ts';
import { createLog } from '../log.ts';
import type { Finding } from './finding.ts';
import { checkSites } from './sites.ts';

test('an app that is there is ok; one that is down, unknown or out of bounds is an error with advice', async (t) => {
  const dns = await startDns(t);
  const up = await listen(t);
  const down = await freePort();
  const site = siteWith([dns], [up, { address: up.address, port: down }]);
  const findings = await check(site, [
    app('Up', 'app.corp.internal', up.port),
    app('Down', 'app.corp.internal', down),
    app('Nameless', 'nobody.corp.internal', up.port),
    app('Outside', 'app.corp.internal', 1),
    app('Elsewhere', 'app.other.internal', up.port),
  ]);
  assert.deepEqual(
    findings.map(({ level, check: what }) => `${level} ${what}`),
    ['ok site-dns', 'ok upstream', 'error upstream', 'error upstream', 'error upstream', 'error upstream'],
  );
  const [, , refused, nameless, outside] = findings.map(({ sentence }) => sentence);
  assert.match(
    refused ?? '',
    /Down cannot be reached at http:\/\/app\.corp\.internal:\d+ \(upstream-refused.*check that it runs/,
  );
  assert.match(nameless ?? '', /upstream-name-not-found.*check the internal name/);
  assert.match(outside ?? '', /upstream-address-refused.*add its address to the site/);
});

test('a name server that is silent is an error that names it', async () => {
  const server = { address: address('127.0.0.1'), port: await freePort() };
  const [finding] = await check(siteWith([server], []), []);
  assert.equal(finding?.level, 'error');
  assert.match(finding?.sentence ?? '', new RegExp(`127\\.0\\.0\\.1 port ${server.port} of Test site does not answer`));
});

test('U5: an app whose certificate is not verified is worth a warning', async (t) => {
  const up = await listen(t);
  const unverified = app('Trusting', up.address, up.port);
  unverified.upstream = { ...unverified.upstream, scheme: 'https', tls: { kind: 'unverified' } };
  const findings = await check(siteWith([], [up]), [unverified]);
  assert.ok(findings.some(({ level, check: what }) => level === 'warning' && what === 'upstream-trust'));
});

function check(site: Site, apps: readonly App[]): Promise<Finding[]> {
  const log = createLog({ level: 'silent', program: 'test' });
  return checkSites({ sites: new Map([[site.id, site]]), apps, own: [], log });
}

function siteWith(dnsServers: Endpoint[], endpoints: Endpoint[]): Site {
  return { id: 'site', name: 'Test site', dnsServers, zones: [name('corp.internal')], ranges: [], endpoints };
}

function app(title: string, host: string, port: number): App {
  return {
    id: title,
    name: title,
    description: '',
    hosts: [name(`${title.toLowerCase()}.corp.example`)],
    showInLauncher: true,
    enabled: true,
    siteId: 'site',
    upstream: {
      ...PLAIN_UPSTREAM,
      scheme: 'http',
      host: parseAddress(host) ?? name(host),
      port,
      hostHeader: { kind: 'public' },
      tls: { kind: 'system' },
    },
    identityHeaders: [],
    maxSessionMs: null,
    traffic: PLAIN_TRAFFIC,
  };
}

async function startDns(t: TestContext): Promise<Endpoint> {
  const origin = nameFromLabels(['corp', 'internal']);
  assert.ok(origin);
  const built = buildZone({ origin, lines: [{ name: 'app', type: 'A', value: '127.0.0.1' }] });
  assert.ok(built.kind === 'zone');
  const server = await startDnsServer({ address: address('127.0.0.1'), port: 0, zones: () => [built.zone] });
  t.after(() => server.close());
  return { address: server.address, port: server.port };
}

/** Takes connections and hangs up. */
async function listen(t: TestContext): Promise<Endpoint> {
  const server = createServer((socket) => socket.on('error', () => {}).end()).listen(0, '127.0.0.1');
  await once(server, 'listening');
  t.after(() => server.close());
  return { address: address('127.0.0.1'), port: (server.address() as AddressInfo).port };
}

async function freePort(): Promise<number> {
  const server = createServer().listen(0, '127.0.0.1');
  await once(server, 'listening');
  const { port } = server.address() as AddressInfo;
  server.close();
  await once(server, 'close');
  return port;
}

function address(text: string): Address {
  const parsed = parseAddress(text);
  assert.ok(parsed);
  return parsed;
}

function name(text: string): Hostname {
  const hostname = parseHostname(text);
  assert.ok(hostname);
  return hostname;
}
