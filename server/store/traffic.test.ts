// The promises of how an app's requests travel: what is saved is served, every mistake has its sentence, owners keep to theirs.
import assert from 'node:assert/strict';
import { test } from 'node:test';
import { PLAIN_TRAFFIC, PLAIN_UPSTREAM } from '#server/core/app.ts';
import { getApp, saveApp } from './apps.ts';
import type { Saved } from './saved.ts';
import { loadSnapshot } from './snapshot.ts';
import { appInputFor, SYSTEM, saved, someApp, someone, someSite, temporaryStore } from './testing/temporary-store.ts';

const UPSTREAM = { scheme: 'https', host: 'wiki.corp.internal', port: 8443 };
const API = { scheme: 'http', host: 'api.corp.internal', port: 9000 };

test('what was saved about traffic is what the snapshot and the editor have', async (t) => {
  const { store } = await temporaryStore(t);
  const siteId = await someSite(store);
  const traffic = {
    routes: [
      { prefix: '/api/', upstream: { ...API, replicas: [{ host: '10.1.2.3', port: '9000' }] } },
      { prefix: '/caf%C3%A9', upstream: UPSTREAM },
    ],
    mapLocation: false,
    mapCookieDomain: true,
    requestHeaders: [{ name: ' X-Environment ', value: ' live ' }],
    responseHeaders: [
      { name: 'Server', value: null },
      { name: 'X-Frame-Options', value: '' },
    ],
    timeouts: { connect: 100, headers: 3_600_000 },
    concurrency: { app: 100_000, person: 1 },
    healthCheck: { path: '/healthz?full=1', everyMs: 10_000 },
    maintenance: ' Back at noon.\nThe wiki team ',
  };
  const replicas = [
    { host: 'WIKI-2.corp.internal.', port: 8443 },
    { host: 'wiki.corp.internal', port: 8444 },
  ];
  const upstream = { ...UPSTREAM, protocol: 'h2', replicas };
  const id = await someApp(store, siteId, { upstream, traffic });
  const { snapshot, problems } = await loadSnapshot(store);
  assert.deepEqual(problems, []);
  const app = snapshot.appsById.get(id);
  const plain = { ...PLAIN_UPSTREAM, hostHeader: { kind: 'public' }, tls: { kind: 'system' } };
  assert.deepEqual(app?.upstream, {
    ...plain,
    ...UPSTREAM,
    protocol: 'h2',
    replicas: [{ host: 'wiki-2.corp.internal', port: 8443 }, replicas[1]],
  });
  assert.deepEqual(app?.traffic, {
    ...traffic,
    routes: [
      { prefix: '/api', upstream: { ...plain, ...API, replicas: [{ host: '10.1.2.3', port: 9000 }] } },
      { prefix: '/caf%C3%A9', upstream: { ...plain, ...UPSTREAM } },
    ],
    requestHeaders: [{ name: 'X-Environment', value: 'live' }],
    timeouts: { connect: 100, headers: 3_600_000, idle: null },
    maintenance: 'Back at noon.\nThe wiki team',
  });
  const found = await getApp(store, SYSTEM, id);
  assert.deepEqual(found.kind === 'found' && found.app, app);
  saved(await saveApp(store, SYSTEM, id, appInputFor(siteId)));
  assert.deepEqual((await loadSnapshot(store)).snapshot.appsById.get(id)?.traffic, PLAIN_TRAFFIC);
});

test('every mistake about traffic stands beside its field, with what to do', async (t) => {
  const { store } = await temporaryStore(t);
  const siteId = await someSite(store);
  const route = (prefix: unknown, upstream: unknown = API) => ({ traffic: { routes: [{ prefix, upstream }] } });
  const edit = (name: unknown, value: unknown = 'x') => ({ traffic: { requestHeaders: [{ name, value }] } });
  const many = <T>(count: number, of: (at: number) => T) => Array.from({ length: count }, (_, at) => of(at));
  const name = 'traffic.requestHeaders.0.name';
  const prefix = 'traffic.routes.0.prefix';
  const table: (readonly [input: Record<string, unknown>, path: string, sentence: RegExp])[] = [
    [route('api'), prefix, /begins with a slash/],
    [route('/'), prefix, /app’s own upstream/],
    [route('/a?b'), prefix, /without \? and #/],
    [route('/a#b'), prefix, /without \? and #/],
    [route('/a/../b'), prefix, /different ways/],
    [route('/a%2fb'), prefix, /different ways/],
    [route('/a%2E%2e'), prefix, /different ways/],
    [route('/a;b'), prefix, /different ways/],
    [route('/a\\b'), prefix, /different ways/],
    [route('//a'), prefix, /different ways/],
    [route('/%61'), prefix, /different ways/],
    [route('/café'), prefix, /percent-encoded/],
    [route('/a b'), prefix, /percent-encoded/],
    [route('/a%zz'), prefix, /percent-encoded/],
    [route(`/${'a'.repeat(500)}`), prefix, /at most 500/],
    [route('/.foyer/x'), prefix, /Foyer answers/],
    [route('/.well-known/foyer'), prefix, /Foyer answers/],
    [route(7), prefix, /text/],
    [route('/a', { ...API, port: 0 }), 'traffic.routes.0.upstream.port', /1 to 65535/],
    [route('/a', { ...API, host: '127.0.0.1' }), 'traffic.routes.0.upstream.host', /gateway itself/],
    [
      route('/a', { ...API, replicas: [{ host: '169.254.169.254', port: 80 }] }),
      'traffic.routes.0.upstream.replicas.0.host',
      /never an app/,
    ],
    [
      {
        traffic: {
          routes: [
            { prefix: '/a', upstream: API },
            { prefix: '/a/', upstream: API },
          ],
        },
      },
      'traffic.routes.1',
      /listed twice/,
    ],
    [{ traffic: { routes: many(21, (at) => ({ prefix: `/${at}`, upstream: API })) } }, 'traffic.routes', /most is 20/],
    [
      { upstream: { ...UPSTREAM, replicas: many(17, (at) => ({ host: `w${at}.internal`, port: 80 })) } },
      'upstream.replicas',
      /most is 16/,
    ],
    [
      { upstream: { ...UPSTREAM, replicas: [{ host: 'a b', port: 80 }] } },
      'upstream.replicas.0.host',
      /neither a host name/,
    ],
    [
      { upstream: { ...UPSTREAM, replicas: [{ host: '10.0.0.9', port: 'x' }] } },
      'upstream.replicas.0.port',
      /1 to 65535/,
    ],
    [
      { upstream: { ...UPSTREAM, replicas: [{ host: '192.168.1.1', port: 1 }] } },
      'upstream.replicas.0.host',
      /outside the ranges/,
    ],
    [
      { upstream: { ...UPSTREAM, replicas: [{ host: 'Wiki.corp.internal', port: 8443 }] } },
      'upstream.replicas.0',
      /first place again/,
    ],
    [{ upstream: { ...UPSTREAM, protocol: 'h3' } }, 'upstream.protocol', /Choose http\/1\.1 or h2/],
    ...['Remote_User', 'X-Forwarded-For', 'foyer-assertion', 'X.Real.IP'].map(
      (each) => [edit(each), name, /Foyer alone/] as const,
    ),
    ...['Connection', 'transfer-encoding', 'Content-Length', 'TE', 'Via', 'Sec-WebSocket-Key'].map(
      (each) => [edit(each), name, /written by Foyer/] as const,
    ),
    [edit('Host'), name, /with its upstream/],
    [edit('Cookie'), name, /Cookies belong/],
    [edit('Set-Cookie'), name, /Cookies belong/],
    [edit('Strict-Transport-Security'), name, /gateway’s to send/],
    [edit('X A'), name, /no header name/],
    [edit('X-A:'), name, /no header name/],
    [edit(''), name, /no name/],
    [edit('X-A', 'a\r\nb: c'), 'traffic.requestHeaders.0.value', /plain ASCII/],
    [edit('X-A', 'é'), 'traffic.requestHeaders.0.value', /plain ASCII/],
    [edit('X-A', 'x'.repeat(4097)), 'traffic.requestHeaders.0.value', /at most 4096/],
    [
      {
        traffic: {
          responseHeaders: [
            { name: 'X-A', value: '1' },
            { name: 'x-a', value: null },
          ],
        },
      },
      'traffic.responseHeaders.1',
      /listed twice/,
    ],
    [
      { traffic: { responseHeaders: many(33, (at) => ({ name: `X-${at}`, value: null })) } },
      'traffic.responseHeaders',
      /most is 32/,
    ],
    ...[99, 3_600_001, 1.5, 'soon', Number.NaN].map(
      (headers) =>
        [{ traffic: { timeouts: { headers } } }, 'traffic.timeouts.headers', /100 milliseconds to one hour/] as const,
    ),
    ...[0, 100_001, -1, 'x'].map(
      (app) => [{ traffic: { concurrency: { app } } }, 'traffic.concurrency.app', /1 to 100,000/] as const,
    ),
    [{ traffic: { healthCheck: { path: 'http://x/', everyMs: 1000 } } }, 'traffic.healthCheck.path', /no path/],
    [{ traffic: { healthCheck: { path: '/a b', everyMs: 1000 } } }, 'traffic.healthCheck.path', /no path/],
    [{ traffic: { healthCheck: { path: '/', everyMs: 999 } } }, 'traffic.healthCheck.everyMs', /at least 1 second/],
    [
      { traffic: { healthCheck: { path: '/', everyMs: 600_001 } } },
      'traffic.healthCheck.everyMs',
      /at most 10 minutes/,
    ],
    [{ traffic: { maintenance: 'x'.repeat(1001) } }, 'traffic.maintenance', /at most 1000/],
    [{ traffic: { maintenance: ' ' } }, 'traffic.maintenance', /empty/],
    [{ traffic: { mapLocation: 'yes' } }, 'traffic.mapLocation', /yes or no/],
    [{ traffic: { other: 1 } }, 'traffic.other', /no such field/],
  ];
  for (const [input, path, sentence] of table) {
    const outcome: Saved = await saveApp(store, SYSTEM, null, appInputFor(siteId, { upstream: UPSTREAM, ...input }));
    assert.equal(outcome.kind, 'invalid', path);
    if (outcome.kind === 'invalid')
      assert.match(outcome.errors[path] ?? JSON.stringify(outcome.errors), sentence, path);
  }
});

test('M4: an owner closes their app for maintenance and sets its timeouts, but neither its paths nor its share of the gateway', async (t) => {
  const { store } = await temporaryStore(t);
  const siteId = await someSite(store);
  const owner = await someone(store, 'app-owner');
  const routes = [{ prefix: '/api', upstream: API }];
  const upstream = { ...UPSTREAM, replicas: [{ host: 'wiki-2.corp.internal', port: 8443 }] };
  const concurrency = { app: 100, person: 10 };
  const given = { ownerUserId: owner.userId, upstream, traffic: { routes, concurrency } };
  const id = await someApp(store, siteId, given);
  const save = (input: Record<string, unknown>) =>
    saveApp(store, owner, id, appInputFor(siteId, { upstream, ...input }));
  const elsewhere: Record<string, unknown>[] = [
    { traffic: { concurrency } },
    { traffic: { concurrency, routes: [{ prefix: '/api', upstream: { ...API, host: 'payroll.corp.internal' } }] } },
    { traffic: { concurrency, routes: [...routes, { prefix: '/b', upstream: API }] } },
    { traffic: { concurrency, routes: [{ prefix: '/apis', upstream: API }] } },
    { traffic: { routes, concurrency: { app: 101, person: 10 } } },
    { traffic: { routes, concurrency: { app: 100, person: null } } },
    { traffic: { routes, concurrency }, upstream: { ...upstream, replicas: [] } },
    { traffic: { routes, concurrency }, upstream: { ...upstream, protocol: 'h2' } },
  ];
  for (const input of elsewhere) {
    const outcome = await save(input);
    assert.match(outcome.kind === 'forbidden' ? outcome.sentence : '', /administrator/, JSON.stringify(input));
  }
  const own = {
    mapLocation: false,
    mapCookieDomain: false,
    requestHeaders: [{ name: 'X-A', value: '1' }],
    responseHeaders: [{ name: 'Server', value: null }],
    timeouts: { connect: 1000, headers: 1000, idle: 1000 },
    healthCheck: { path: '/healthz', everyMs: 5000 },
    maintenance: 'Back soon.',
  };
  saved(await save({ traffic: { routes, concurrency, ...own } }));
  const app = (await loadSnapshot(store)).snapshot.appsById.get(id);
  const { routes: _, ...rest } = app?.traffic ?? assert.fail();
  assert.deepEqual(rest, { concurrency, ...own });
});
