// The doctor's promises about sites: it goes the gateway's own way, with a real name server and real apps, and names what stands in it.
import assert from 'node:assert/strict';
import { once } from 'node:events';
import { type AddressInfo, createServer } from 'node:net';
import { after, type TestContext, test } from 'node:test';
import type { TlsOptions } from 'node:tls';
import { type Address, parseAddress } from '#server/core/address.ts';
import { type App, type Endpoint, PLAIN_LOOK, PLAIN_TRAFFIC, PLAIN_UPSTREAM, type Site } from '#server/core/app.ts';
import { type Hostname, parseHostname } from '#server/core/hostname.ts';
import { zoneAnswerer } from '#server/dns/authority.ts';
import { createExchange } from '#server/dns/exchange.ts';
import { startDnsServer } from '#server/dns/listen.ts';
import { nameFromLabels } from '#server/dns/name.ts';
import { replyTo } from '#server/dns/packet.testing.ts';
import { startStreamServer } from '#server/dns/stream-server.testing.ts';
import { buildZone } from '#server/dns/zone.ts';
import { createAuthority } from '../certificates.testing.ts';
import { openExchange } from '../dial/own-exchange.ts';
import { createLog } from '../log.ts';
import type { Finding } from './finding.ts';
import { checkSites } from './sites.ts';

const { exchange, close } = openExchange({ now: Date.now });
after(close);

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

test('every upstream of an app is tried, each place and each address: one of several that is down is a warning, all of them an error', async (t) => {
  const dns = await startDns(t);
  const up = await listen(t);
  const down = await freePort();
  const closed = { address: up.address, port: down };
  const other = { address: address('127.0.0.2'), port: up.port };
  const wiki = app('Wiki', 'app.corp.internal', up.port);
  const at = (host: string, port: number) => ({ host: parseAddress(host) ?? name(host), port });
  const route = (prefix: string, ...[first, ...replicas]: [ReturnType<typeof at>, ...ReturnType<typeof at>[]]) => ({
    prefix,
    upstream: { ...wiki.upstream, ...first, replicas },
  });
  wiki.traffic = {
    ...PLAIN_TRAFFIC,
    routes: [
      route('/replicas', at('app.corp.internal', down), at('app.corp.internal', up.port)),
      route('/two', at('two.corp.internal', up.port)),
      route('/down', at('app.corp.internal', down), at('nobody.corp.internal', up.port)),
    ],
  };
  const findings = await check(siteWith([dns], [up, closed, other]), [wiki]);
  const port = up.port;
  const advice = 'check that it runs, and that this machine may connect to it.';
  assert.deepEqual(
    findings.slice(1).map(({ level, sentence }) => `${level} ${sentence.replace(/ \(.*?\)/, '')}`),
    [
      `ok Wiki is there, at http://app.corp.internal:${port}.`,
      `warning Wiki below /replicas cannot be reached at http://app.corp.internal:${down}, and others serve for it: ${advice}`,
      `ok Wiki below /replicas is there, at http://app.corp.internal:${port}.`,
      `warning Wiki below /two cannot be reached at http://two.corp.internal:${port} on 127.0.0.2, and others serve for it: ${advice}`,
      `error Wiki below /down cannot be reached at http://app.corp.internal:${down}: ${advice}`,
      `error Wiki below /down cannot be reached at http://nobody.corp.internal:${port}: check the internal name, and the site’s zones.`,
    ],
  );
});

test('a name server that is silent is an error that names it', async () => {
  const server = { address: address('127.0.0.1'), port: await freePort() };
  const [finding] = await check(siteWith([server], []), []);
  assert.equal(finding?.level, 'error');
  assert.match(finding?.sentence ?? '', new RegExp(`127\\.0\\.0\\.1:${server.port} of Test site does not answer`));
});

test('U5: an app whose certificate is not verified is worth a warning', async (t) => {
  const up = await listen(t);
  const unverified = app('Trusting', up.address, up.port);
  unverified.upstream = { ...unverified.upstream, scheme: 'https', tls: { kind: 'unverified' } };
  const findings = await check(siteWith([], [up]), [unverified]);
  assert.ok(findings.some(({ level, check: what }) => level === 'warning' && what === 'upstream-trust'));
});

test('D8: a DNS server over TLS that proves its name is ok, and each way of not proving it has its own advice', async (t) => {
  const [authority, stranger] = await Promise.all([createAuthority('Ours'), createAuthority('Theirs')]);
  const trusting = createExchange({ ca: () => [authority.pem], now: Date.now });
  t.after(trusting.close);
  const right = await authority.issue({ names: ['dns.corp.internal'] });
  const table: [tls: TlsOptions, level: string, sentence: RegExp][] = [
    [right, 'ok', /#dns\.corp\.internal of Test site answers/],
    [
      await authority.issue({ names: ['ns1.corp.internal'] }),
      'error',
      /for another name than dns\.corp\.internal\. Write/,
    ],
    [
      await authority.issue({ names: ['dns.corp.internal'], notAfter: new Date(Date.now() - 60_000) }),
      'error',
      /renew its certificate/,
    ],
    [await stranger.issue({ names: ['dns.corp.internal'] }), 'error', /FOYER_UPSTREAM_CA/],
    [
      { ...right, maxVersion: 'TLSv1.1', minVersion: 'TLSv1.1', ciphers: 'ALL@SECLEVEL=0' },
      'error',
      /leave the # and the name away/,
    ],
  ];
  for (const [tls, level, sentence] of table) {
    const { server } = await startStreamServer(t, {
      tls,
      tlsName: 'dns.corp.internal',
      answer: ({ query, reply }) => reply(replyTo(query, {})),
    });
    const [finding] = await check(siteWith([server], []), [], trusting.exchange);
    assert.equal(finding?.level, level, String(sentence));
    assert.match(finding?.sentence ?? '', sentence);
  }
});

function check(site: Site, apps: readonly App[], asking = exchange): Promise<Finding[]> {
  const log = createLog({ level: 'silent', program: 'test' });
  return checkSites({ sites: new Map([[site.id, site]]), apps, own: [], exchange: asking, log });
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
    ...PLAIN_LOOK,
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
  const built = buildZone({
    origin,
    lines: ['app 127.0.0.1', 'two 127.0.0.1', 'two 127.0.0.2'].map((line) => {
      const [host = '', value = ''] = line.split(' ');
      return { name: host, type: 'A' as const, value };
    }),
  });
  assert.ok(built.kind === 'zone');
  const server = await startDnsServer({
    address: address('127.0.0.1'),
    port: 0,
    answer: zoneAnswerer(() => [built.zone]),
  });
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
