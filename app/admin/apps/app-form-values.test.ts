import assert from 'node:assert/strict';
import { test } from 'node:test';
import { readAppForm } from './app-form-values.ts';

test('the app form becomes the value that the store reads, and says nothing about fields it does not show', () => {
  const form = new FormData();
  const fields: [string, string][] = [
    ['name', 'Wiki'],
    ['description', ''],
    ['category', 'Knowledge'],
    ['support', 'help@corp.example'],
    ['icon', 'shipped:book'],
    ['hosts', 'wiki.corp.example'],
    ['hosts', ''],
    ['enabled', 'on'],
    ['siteId', 's'],
    ['upstream.scheme', 'https'],
    ['upstream.host', 'wiki.corp.internal'],
    ['upstream.port', '8443'],
    ['upstream.hostHeader', 'fixed'],
    ['upstream.hostHeader.value', 'inside.example'],
    ['upstream.tls', 'pinned'],
    ['upstream.tls.sha256', 'ab'],
    ['identityHeaders', 'remote'],
    ['maxSession', '3600000'],
    ['traffic.healthCheck.path', ''],
    ['traffic.healthCheck.everyMs', '10'],
  ];
  for (const [name, value] of fields) form.append(name, value);
  assert.deepEqual(readAppForm(form), {
    name: 'Wiki',
    description: '',
    category: 'Knowledge',
    support: 'help@corp.example',
    icon: { kind: 'shipped', name: 'book' },
    hosts: ['wiki.corp.example'],
    showInLauncher: false,
    enabled: true,
    siteId: 's',
    upstream: {
      scheme: 'https',
      host: 'wiki.corp.internal',
      port: '8443',
      hostHeader: { kind: 'fixed', value: 'inside.example' },
      tls: { kind: 'pinned', sha256: 'ab' },
      protocol: 'http/1.1',
      clientCertificate: null,
      replicas: [],
    },
    identityHeaders: ['remote'],
    maxSessionMs: 3_600_000,
    traffic: {
      routes: [],
      mapLocation: false,
      mapCookieDomain: false,
      requestHeaders: [],
      responseHeaders: [],
      timeouts: { connect: null, headers: null, idle: null },
      concurrency: { app: null, person: null },
      healthCheck: null,
      maintenance: null,
    },
  });
});

test('traffic is read row by row, seconds become milliseconds, and what is no number is the store’s to refuse', () => {
  const form = new FormData();
  const fields: [string, string][] = [
    ['upstream.port', '8080'],
    ['upstream.protocol', 'h2'],
    ['upstream.replicas', 'wiki-2.corp.internal'],
    ['upstream.replicas', '[fd00::2]:9000'],
    ['upstream.clientCertificate', 'kept'],
    ['upstream.clientCertificate.id', 'ab'],
    ['traffic.routes.0.prefix', '/api'],
    ['traffic.routes.0.upstream.scheme', 'http'],
    ['traffic.routes.0.upstream.host', 'api.corp.internal'],
    ['traffic.routes.0.upstream.port', '9000'],
    ['traffic.routes.0.upstream.clientCertificate', 'new'],
    ['traffic.routes.0.upstream.clientCertificate.cert', 'C'],
    ['traffic.routes.0.upstream.clientCertificate.key', 'K'],
    ['traffic.routes.1.prefix', ''],
    ['traffic.requestHeaders.0.action', 'set'],
    ['traffic.requestHeaders.0.name', 'X-A'],
    ['traffic.requestHeaders.0.value', '1'],
    ['traffic.requestHeaders.1.action', 'remove'],
    ['traffic.requestHeaders.1.name', 'X-B'],
    ['traffic.mapLocation', 'on'],
    ['traffic.timeouts.connect', '0.1'],
    ['traffic.timeouts.headers', 'soon'],
    ['traffic.concurrency.person', '4'],
    ['traffic.healthCheck.path', '/healthz'],
    ['traffic.healthCheck.everyMs', '2.5'],
    ['traffic.maintenance.on', 'on'],
    ['traffic.maintenance', 'Back soon.'],
  ];
  for (const [name, value] of fields) form.append(name, value);
  const { upstream, traffic } = readAppForm(form) as { [part in 'upstream' | 'traffic']: Record<string, unknown> };
  assert.equal(upstream.protocol, 'h2');
  assert.deepEqual(upstream.clientCertificate, { kind: 'kept', id: 'ab' });
  assert.deepEqual(upstream.replicas, [
    { host: 'wiki-2.corp.internal', port: '8080' },
    { host: 'fd00::2', port: 9000 },
  ]);
  const [api, unfinished] = traffic.routes as { prefix: string; upstream: Record<string, unknown> }[];
  assert.equal(api?.prefix, '/api');
  assert.equal(api?.upstream.host, 'api.corp.internal');
  assert.deepEqual(api?.upstream.clientCertificate, { kind: 'new', cert: 'C', key: 'K' });
  assert.equal(unfinished?.prefix, '');
  assert.deepEqual(traffic.requestHeaders, [
    { name: 'X-A', value: '1' },
    { name: 'X-B', value: null },
  ]);
  assert.equal(traffic.mapLocation, true);
  assert.equal(traffic.mapCookieDomain, false);
  assert.deepEqual(traffic.timeouts, { connect: 100, headers: 'soon', idle: null });
  assert.deepEqual(traffic.concurrency, { app: null, person: 4 });
  assert.deepEqual(traffic.healthCheck, { path: '/healthz', everyMs: 2500 });
  assert.equal(traffic.maintenance, 'Back soon.');
});
