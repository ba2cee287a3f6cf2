// The promise of the shown app: it says whose a certificate is and until when, and holds nothing of the certificate or its key.
import assert from 'node:assert/strict';
import { test } from 'node:test';
import { type App, PLAIN_LOOK, PLAIN_TRAFFIC, PLAIN_UPSTREAM } from '#server/core/app.ts';
import type { Hostname } from '#server/core/hostname.ts';
import { certificatePair } from '#server/store/testing/certificate-pair.ts';
import { shownApp } from './shown-app.ts';
import { withFixedPlace } from './shown-app-input.ts';

const NOW = Date.UTC(2026, 0, 1);

test('M10: what an editor’s page is made from holds neither certificate nor key, and an owner’s save keeps both', async () => {
  const pair = await certificatePair('gateway.corp.example', NOW);
  const upstream = {
    ...PLAIN_UPSTREAM,
    scheme: 'https',
    host: 'wiki.corp.internal' as Hostname,
    port: 443,
    hostHeader: { kind: 'public' },
    tls: { kind: 'system' },
    clientCertificate: pair,
  } as const;
  const app: App = {
    id: 'wiki',
    name: 'Wiki',
    description: '',
    hosts: ['wiki.corp.example' as Hostname],
    ...PLAIN_LOOK,
    showInLauncher: true,
    enabled: true,
    siteId: 'office',
    upstream,
    identityHeaders: [],
    maxSessionMs: null,
    traffic: { ...PLAIN_TRAFFIC, routes: [{ prefix: '/api', upstream }] },
  };
  const shown = shownApp(app, NOW);
  const text = JSON.stringify(shown);
  for (const line of [...pair.cert.split('\n'), ...pair.key.split('\n')]) {
    if (line.length > 20) assert.ok(!text.includes(line), line);
  }
  assert.deepEqual(shown.upstream.clientCertificate, {
    id: shown.upstream.clientCertificate?.id,
    subject: 'gateway.corp.example',
    expiresAt: NOW + 30 * 86_400_000,
    isExpired: false,
  });
  assert.equal(shownApp(app, NOW + 31 * 86_400_000).upstream.clientCertificate?.isExpired, true);
  const kept = { kind: 'kept', id: shown.upstream.clientCertificate?.id };
  const sent = withFixedPlace({ name: 'New', traffic: { maintenance: 'x', routes: [], concurrency: {} } }, shown);
  assert.deepEqual(sent.upstream, { ...upstream, clientCertificate: kept });
  const { routes, maintenance, concurrency } = sent.traffic as Record<string, unknown>;
  assert.deepEqual(routes, [{ prefix: '/api', upstream: { ...upstream, clientCertificate: kept } }]);
  assert.deepEqual(concurrency, PLAIN_TRAFFIC.concurrency);
  assert.equal(maintenance, 'x');
});
