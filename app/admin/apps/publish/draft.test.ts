// The promise of the guided publishing: what is proposed and not switched off is what is published, and nothing else.
import assert from 'node:assert/strict';
import { test } from 'node:test';
import { APP_TEMPLATES } from '#server/core/app-templates.ts';
import type { ProbedApp, ProbeReport } from '#server/core/probe.ts';
import { appInput as schema } from '#server/store/schema/app.ts';
import { parseInput } from '#server/store/schema/parse-input.ts';
import { appInput, currentReport, type Draft, EMPTY, probeKey, proposed, stepOfError } from './draft.ts';

const SITE = '01890a5d-ac96-774b-bcce-b302099a8057';
const PAGE = { host: 'x', status: 200, fault: null, path: '/', title: '', server: '', hops: [] };
const PROBED: ProbedApp = {
  asPublic: PAGE,
  asInternal: PAGE,
  wants: 'either',
  httpsPort: null,
  refusesOrigin: false,
  internalLinks: [],
  webSocket: null,
  serviceWorker: null,
  login: { kind: 'none' },
};

function draft(parts: Partial<Draft>, app: Partial<ProbedApp> = {}): Draft {
  const typed: Draft = {
    ...EMPTY,
    name: 'Wiki',
    host: 'wiki.corp.example',
    siteId: SITE,
    upstreamHost: 'wiki.corp.internal',
    ...parts,
  };
  const report = { app: { ...PROBED, ...app } } as ProbeReport;
  return { ...typed, report, probed: probeKey(typed) };
}

function published(from: Draft) {
  const parsed = parseInput(schema, appInput(from));
  return parsed.kind === 'parsed' ? parsed.value : assert.fail(JSON.stringify(parsed.errors));
}

test('each template gives an app that the store takes', () => {
  for (const { key, scheme, port } of APP_TEMPLATES) {
    const app = published(draft({ template: key, scheme, port: String(port) }));
    assert.equal(app.upstream.port, port);
    assert.equal(app.icon.kind, 'shipped');
  }
});

test('what a probe found becomes settings, each of which can be switched off', () => {
  const found = { wants: 'internal', webSocket: { path: '/ws', outcome: 'origin-refused' } } as const;
  const all = published(draft({ template: 'grafana', port: '3000' }, found));
  assert.deepEqual(all.upstream.hostHeader, { kind: 'internal' });
  assert.deepEqual(all.traffic.requestHeaders, [{ name: 'Origin', value: 'http://wiki.corp.internal:3000' }]);
  assert.deepEqual(all.identityHeaders, ['remote']);
  assert.deepEqual(all.traffic.healthCheck, { path: '/api/health', everyMs: 10_000 });
  assert.deepEqual([all.traffic.mapLocation, all.traffic.mapCookieDomain], [true, true]);
  const keys = proposed(draft({ template: 'grafana' }, found)).map(({ key }) => key);
  const none = published(draft({ template: 'grafana', off: keys }, found));
  assert.deepEqual(none.upstream.hostHeader, { kind: 'public' });
  assert.deepEqual(none.traffic.requestHeaders, []);
  assert.deepEqual([none.identityHeaders, none.traffic.healthCheck], [[], null]);
  assert.deepEqual([none.traffic.mapLocation, none.traffic.mapCookieDomain], [false, false]);
});

test('a report about another upstream counts for nothing', () => {
  const old = draft({}, { wants: 'internal' });
  assert.notEqual(currentReport(old), null);
  for (const change of [{ port: '81' }, { siteId: 'x' }, { scheme: 'https' as const }, { host: 'other.example' }])
    assert.equal(currentReport({ ...old, ...change }), null);
  assert.deepEqual(published({ ...old, upstreamHost: 'board.corp.internal' }).upstream.hostHeader, { kind: 'public' });
});

test('a mistake leads to the step where it is mended', () => {
  const table = {
    'hosts.0': 'name',
    category: 'name',
    'upstream.host': 'upstream',
    siteId: 'upstream',
    'upstream.tls.pem': 'upstream',
  };
  for (const [path, step] of Object.entries(table)) assert.equal(stepOfError(path), step);
  assert.equal(stepOfError('assignments.0'), 'people');
  assert.equal(stepOfError('traffic.requestHeaders.0.name'), 'settings');
});
