// A probe of real upstreams: each thing that an app expects of its proxy is found out by asking, and nothing is asked of anybody else.
import assert from 'node:assert/strict';
import { createServer, type IncomingMessage, type RequestListener } from 'node:http';
import { createServer as createTlsServer } from 'node:https';
import { createServer as createTcpServer } from 'node:net';
import { type TestContext, test } from 'node:test';
import { WebSocketServer } from 'ws';
import type { Endpoint } from '#server/core/app.ts';
import type { ProbeReport, ProbeRequest } from '#server/core/probe.ts';
import { buildSnapshot, type Portal } from '#server/core/snapshot.ts';
import { startBind, zoneText } from '#server/dns/bind.testing.ts';
import { host } from '#server/dns/packet.testing.ts';
import { createAuthority } from '../certificates.testing.ts';
import { silentLog, site } from '../dial/dial.testing.ts';
import { probeUpstream } from './probe-upstream.ts';
import { createProber } from './prober.ts';
import { listenAt } from './way.testing.ts';

const AT = '127.0.0.31';
const PUBLIC = 'wiki.corp.example';
const INTERNAL = 'wiki.corp.internal';
const PORTAL: Portal = {
  origin: 'https://portal.corp.example',
  hostname: host('portal.corp.example'),
  scheme: 'https',
  port: 443,
};

test('an app that takes any Host is asked under both, and what its page holds is told', async (t) => {
  const seen: IncomingMessage[] = [];
  const page = `<title> Our
    wiki </title><a href="http://${INTERNAL}/a">a</a><a href="http://${INTERNAL}:8080/b">b</a>
    <a href="http://board.corp.internal">c</a><a href="https://elsewhere.example">d</a>
    <form><input name=p type="password"></form><script>navigator.serviceWorker.register('/app/sw.js')</script>`;
  const report = await probe(t, (request, response) => {
    seen.push(request);
    response.setHeader('content-type', 'text/html').end(page);
  });
  const { app } = report;
  assert.equal(app?.wants, 'either');
  assert.equal(app.asPublic.title, 'Our wiki');
  assert.deepEqual(app.internalLinks, [
    { host: INTERNAL, count: 2 },
    { host: 'board.corp.internal', count: 1 },
  ]);
  assert.equal(app.serviceWorker, '/app/sw.js');
  assert.deepEqual(app.login, { kind: 'form' });
  assert.deepEqual([app.refusesOrigin, app.webSocket, app.httpsPort], [false, null, null]);
  const first = seen.find(({ headers }) => headers.host === PUBLIC) ?? assert.fail();
  assert.equal(first.headers['x-forwarded-proto'], 'https');
  assert.equal(first.headers['x-forwarded-host'], PUBLIC);
  assert.ok(!seen.some(({ headers }) => headers.authorization || headers['foyer-assertion']), 'nobody’s identity');
});

test('an app that checks its Host wants its internal name', async (t) => {
  const report = await probe(t, ({ headers }, response) => {
    if (!headers.host?.startsWith(INTERNAL)) return response.writeHead(400).end('Bad host');
    return response.end('hello');
  });
  assert.equal(report.app?.wants, 'internal');
  assert.deepEqual([report.app.asPublic.status, report.app.asInternal?.status], [400, 200]);
});

test('an app that leads to its internal name is followed at this upstream alone', async (t) => {
  const report = await probe(t, ({ url, headers }, response) => {
    if (url === '/') return response.writeHead(302, { location: `http://${INTERNAL}/home?x=1` }).end();
    return response.end(`at ${url} for ${headers.host}`);
  });
  assert.deepEqual(
    report.app?.asPublic.hops.map(({ leads }) => leads),
    ['internal'],
  );
  assert.equal(report.app.asPublic.path, '/home?x=1');
  assert.equal(report.app.asPublic.status, 200);
});

test('an app that leads http to https says at which port, and one that leads to a provider says to whom', async (t) => {
  const https = await probe(t, (_, response) =>
    response.writeHead(301, { location: `https://${INTERNAL}:8443/` }).end(),
  );
  assert.deepEqual([https.app?.httpsPort, https.app?.asPublic.status], [8443, 301]);
  let asked = 0;
  const other = await listenAt(
    t,
    createServer((_, response) => {
      asked += 1;
      response.end();
    }),
    '127.0.0.32',
  );
  const away = await probe(t, (_, response) =>
    response.writeHead(302, { location: `http://127.0.0.32:${other.port}/login` }).end(),
  );
  assert.deepEqual(away.app?.login, { kind: 'elsewhere', host: '127.0.0.32' });
  assert.equal(asked, 0, 'F: a redirect never makes the portal dial somebody else');
});

test('an app that checks the Origin is told apart, at pages and at WebSockets', async (t) => {
  const isOwn = (origin: string | undefined) => origin === undefined || origin.includes(INTERNAL);
  const server = createServer(({ headers }, response) =>
    isOwn(headers.origin) ? response.end('ok') : response.writeHead(403).end('Origin not allowed'),
  );
  const sockets = new WebSocketServer({
    server,
    path: '/live',
    verifyClient: ({ origin }: { origin: string }) => isOwn(origin),
  });
  sockets.on('connection', (socket) => socket.on('error', () => {}));
  const report = await probe(t, server, { webSocketPaths: ['/live'] });
  assert.equal(report.app?.refusesOrigin, true);
  assert.deepEqual(report.app.webSocket, { path: '/live', outcome: 'origin-refused' });
});

test('a WebSocket that takes the public Origin is found, also where only the page names it', async (t) => {
  const server = createServer((_, response) =>
    response.setHeader('content-type', 'text/html').end(`<script>new WebSocket('ws://${INTERNAL}/feed')</script>`),
  );
  const sockets = new WebSocketServer({ server, path: '/feed' });
  sockets.on('connection', (socket) => socket.on('error', () => {}));
  const report = await probe(t, server);
  assert.deepEqual(report.app?.webSocket, { path: '/feed', outcome: 'accepted' });
});

test('U5: an app with a certificate of its own making is not trusted, shown, and asked over that very certificate', async (t) => {
  const authority = await createAuthority('Lab');
  const leaf = await authority.issue({ names: [INTERNAL] });
  const server = createTlsServer(leaf, (_, response) => response.end('secret garden'));
  const report = await probe(t, server, { scheme: 'https' });
  assert.deepEqual([report.tls.code, report.certificate?.sha256], ['tls-untrusted', leaf.sha256]);
  assert.deepEqual(report.certificate?.names, [INTERNAL]);
  assert.equal(report.app?.asPublic.status, 200);
  const pinned = await probe(t, server, { scheme: 'https', tls: { kind: 'pinned', sha256: leaf.sha256 } });
  assert.equal(pinned.tls.code, 'tls-trusted');
  const other = await authority.issue({ names: ['board.corp.internal'] });
  const wrong = await probe(
    t,
    createTlsServer(other, (_, response) => response.end()),
    {
      scheme: 'https',
      tls: { kind: 'ca', pem: authority.pem },
    },
  );
  assert.equal(wrong.tls.code, 'tls-name');
});

test('basic sign-in and a sign-in by the desktop are told', async (t) => {
  const with401 =
    (challenge: string): RequestListener =>
    (_, response) =>
      response.writeHead(401, { 'www-authenticate': challenge }).end();
  assert.deepEqual((await probe(t, with401('Basic realm="x"'))).app?.login, { kind: 'basic' });
  assert.deepEqual((await probe(t, with401('Negotiate'))).app?.login, { kind: 'negotiate' });
});

test('F1, F3: an address that the site does not allow is never connected to, by name or by number', async (t) => {
  let connections = 0;
  const forbidden = await listenAt(
    t,
    createTcpServer((socket) => {
      connections += 1;
      socket.destroy();
    }),
    '127.0.0.32',
  );
  for (const at of ['127.0.0.32', 'forbidden.corp.internal', '169.254.169.254']) {
    const report = await probe(t, (_, response) => response.end(), { host: at, port: forbidden.port });
    assert.deepEqual([report.connect.code, report.app], ['not-allowed', null], at);
  }
  assert.equal(connections, 0);
});

test('U1, U2: a name that is unknown, a closed port, no HTTP and a flood without end are values within bounded time', async (t) => {
  const unknown = await probe(t, (_, response) => response.end(), { host: 'none.corp.internal' });
  assert.deepEqual([unknown.privateDns.code, unknown.connect.code], ['private-name-missing', 'earlier-step']);
  const ssh = createTcpServer((socket) => socket.on('error', () => {}).once('data', () => socket.end('SSH-2.0-x\r\n')));
  assert.equal((await probe(t, ssh)).app?.asPublic.fault, 'upstream-protocol');
  const closing = createTcpServer((socket) => socket.on('error', () => {}).once('data', () => socket.destroy()));
  assert.equal((await probe(t, closing)).app?.asPublic.fault, 'upstream-closed');
  const flood = await probe(t, (request, response) => {
    response.setHeader('content-type', 'text/html').write('<title>Flood</title>');
    const more = () => {
      while (!response.destroyed && response.write('x'.repeat(65_536)));
    };
    response.on('drain', more);
    more();
    request.on('close', () => response.destroy());
  });
  assert.equal(flood.app?.asPublic.title, 'Flood');
});

test('one probe for each person, a few in all', async () => {
  const waiting: (() => void)[] = [];
  const take = () => new Promise<ProbeReport>((resolve) => waiting.push(() => resolve({} as ProbeReport)));
  const run = createProber({} as never, take);
  const by = (viewerId: string) => run({ viewerId } as ProbeRequest);
  const running = ['a', 'b', 'c'].map(by);
  assert.deepEqual([await by('a'), await by('d')], [{ kind: 'busy' }, { kind: 'busy' }]);
  waiting[0]?.();
  await running[0];
  const again = by('a');
  for (const end of waiting.slice(1)) end();
  waiting.at(-1)?.();
  assert.equal((await again).kind, 'probed');
});

type Answers = RequestListener | Parameters<typeof listenAt>[1];

async function probe(t: TestContext, answers: Answers, parts: Partial<ProbeRequest> = {}): Promise<ProbeReport> {
  const server = typeof answers === 'function' ? createServer(answers) : answers;
  const at: Endpoint = server.listening
    ? { address: AT as Endpoint['address'], port: (server.address() as { port: number }).port }
    : await listenAt(t, server, AT);
  const records = `wiki A ${AT}\nforbidden A 127.0.0.32`;
  const bind = await startBind({ zones: { 'corp.internal': zoneText('corp.internal', records) } });
  t.after(() => bind.stop());
  const office = site({
    dnsServers: [{ address: bind.address, port: bind.port }],
    zones: [host('corp.internal')],
    endpoints: [at],
  });
  const { snapshot } = buildSnapshot({ revision: 1, portal: PORTAL, catalogue: [], sites: [office] });
  const context = {
    portal: PORTAL,
    own: [],
    via: 'foyer-test',
    log: silentLog,
    snapshot: () => snapshot,
    now: Date.now,
  };
  return probeUpstream(context, {
    siteId: office.id,
    scheme: 'http',
    host: INTERNAL,
    port: at.port,
    tls: { kind: 'system' },
    publicHost: host(PUBLIC),
    webSocketPaths: [],
    clientAddress: '192.0.2.7',
    viewerId: 'ada',
    ...parts,
  });
}
