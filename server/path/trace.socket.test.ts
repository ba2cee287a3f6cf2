// A look at a path through real parts: each failure is told by the step where it is, and by no other one.
import assert from 'node:assert/strict';
import { createServer } from 'node:http';
import { createServer as createTlsServer } from 'node:https';
import { createServer as createTcpServer } from 'node:net';
import { type TestContext, test } from 'node:test';
import { aliasesOf } from '#server/core/alias.ts';
import type { Endpoint } from '#server/core/app.ts';
import { PATH_STEPS, type PathStepName } from '#server/core/path.ts';
import { startBind, zoneText } from '#server/dns/bind.testing.ts';
import { NEW_CIRCUIT, onSilence } from '#server/dns/circuit.ts';
import { address, host } from '#server/dns/packet.testing.ts';
import { startStreamServer } from '#server/dns/stream-server.testing.ts';
import { createAuthority } from '../certificates.testing.ts';
import { app, site } from '../dial/dial.testing.ts';
import { GATEWAY_AT, listenAt, type Steps, startWay } from './way.testing.ts';

const APP_AT = '127.0.0.31';

test('SOL-1 SOL-2 SOL-5 SOL-6: a good way is good at every step, with what was found at each', async (t) => {
  const { dns, upstream } = await office(t, 'wiki 60 CNAME intranet\nintranet 60 A 127.0.0.31');
  const way = await startWay(t, { site: site({ dnsServers: [dns], endpoints: [upstream] }) });
  const steps = await way.look(app({ host: 'wiki.corp.internal', port: upstream.port }));
  expectFirstTrouble(steps, null);
  assert.equal(steps.certificate.code, 'certificate-untrusted', 'an authority that this machine does not know');
  assert.deepEqual(steps['public-dns'].facts?.lookup.hops, [
    { name: 'wiki.corp.example', type: 'CNAME', value: 'gw.corp.example', ttlSeconds: 60 },
    { name: 'gw.corp.example', type: 'A', value: GATEWAY_AT, ttlSeconds: 60 },
  ]);
  assert.equal(steps['gateway-address'].code, 'gateway-answers');
  assert.deepEqual(steps.policy.facts?.by, { kind: 'group', name: 'Staff' });
  const [answer] = steps['private-dns'].facts?.answers ?? [];
  assert.deepEqual(answer?.chain, ['intranet.corp.internal']);
  assert.deepEqual([answer?.addresses, answer?.ttlSeconds], [[APP_AT], 60]);
  assert.equal(steps['private-dns'].facts?.servers.length, 1);
  assert.equal(steps.connect.facts?.attempts[0]?.address, APP_AT);
  assert.equal(steps.tls.code, 'tls-off');
  assert.deepEqual([steps.answer.facts?.status, steps.answer.facts?.detail], [200, upstream.seenHost()]);
});

test('a CNAME that leads elsewhere is told at public DNS, and everything behind it is looked at all the same', async (t) => {
  const { dns, upstream } = await office(t, 'wiki A 127.0.0.31');
  const records = `gw A ${GATEWAY_AT}\nwiki CNAME old-gw\nold-gw A 203.0.113.99`;
  const way = await startWay(t, { site: site({ dnsServers: [dns], endpoints: [upstream] }), publicRecords: records });
  const steps = await way.look(app({ host: 'wiki.corp.internal', port: upstream.port }));
  expectFirstTrouble(steps, 'public-dns', 'leads-elsewhere');
  assert.equal(steps.answer.code, 'answer-ok');
});

test('each wrong public record has a word of its own', async (t) => {
  const { dns, upstream } = await office(t, 'wiki A 127.0.0.31');
  const table: [string, string][] = [
    ['', 'name-missing'],
    ['wiki TXT nothing', 'leads-nowhere'],
    ['wiki CNAME gone', 'target-missing'],
    ['wiki A 192.168.1.20', 'leads-inside'],
    [`wiki A ${GATEWAY_AT}`, 'leads-by-address'],
    [`wiki A ${GATEWAY_AT}\nwiki A 203.0.113.99`, 'leads-partly'],
    ['wiki CNAME two\ntwo CNAME wiki', 'alias-loop'],
    ['wiki CNAME two\ntwo CNAME gw', 'leads-to-gateway'],
  ];
  for (const [records, code] of table) {
    const way = await startWay(t, {
      site: site({ dnsServers: [dns], endpoints: [upstream] }),
      publicRecords: `gw A ${GATEWAY_AT}\n${records}`,
    });
    const steps = await way.look(app({ host: 'wiki.corp.internal', port: upstream.port }));
    assert.equal(steps['public-dns'].code, code, records);
  }
});

test('SCL-4: a CNAME to the app’s own alias is right, one to another app’s or to one that nobody has is not', async (t) => {
  const { dns, upstream } = await office(t, 'wiki A 127.0.0.31');
  const shown = app({ host: 'wiki.corp.internal', port: upstream.port });
  const setting = { zone: host('alias.corp.example'), addresses: [], nameServers: [] };
  const aliases = aliasesOf(
    setting,
    new Map([
      [shown.id, 0],
      ['other', 1],
    ]),
    (_id, round) => `label${round}`,
  );
  const table: [string, string, string | null][] = [
    ['label0.alias', 'leads-to-gateway', null],
    ['gw', 'leads-to-gateway', null],
    ['label1.alias', 'alias-foreign', 'label0.alias.corp.example'],
    ['label9.alias', 'alias-gone', 'label0.alias.corp.example'],
  ];
  for (const [target, code, mended] of table) {
    const way = await startWay(t, {
      site: site({ dnsServers: [dns], endpoints: [upstream] }),
      publicRecords: `gw A ${GATEWAY_AT}\nlabel0.alias A ${GATEWAY_AT}\nlabel1.alias A ${GATEWAY_AT}\nwiki CNAME ${target}`,
      aliases,
    });
    const step = (await way.look(shown))['public-dns'];
    assert.equal(step.code, code, target);
    if (mended) assert.equal(step.facts?.target, mended);
    assert.ok(!JSON.stringify({ ...step, facts: { ...step.facts, lookup: null } }).includes('label1'));
  }
});

test('a gateway name that leads to somebody else, or nowhere, is told at the gateway’s address', async (t) => {
  const { dns, upstream } = await office(t, 'wiki A 127.0.0.31');
  const elsewhere = createTlsServer(
    { ...(await (await createAuthority('Else')).issue({ names: ['x.example'] })) },
    (_request, response) => response.end('welcome to our web server'),
  );
  const place = site({ dnsServers: [dns], endpoints: [upstream] });
  const way = await startWay(t, { site: place, publicRecords: 'gw A 127.0.0.22\nwiki CNAME gw' });
  await listenAt(t, elsewhere, '127.0.0.22', way.context.portal.port);
  const wanted = app({ host: 'wiki.corp.internal', port: upstream.port });
  expectFirstTrouble(await way.look(wanted), 'gateway-address', 'gateway-elsewhere');
  const nowhere = await startWay(t, { site: place, publicRecords: 'gw TXT none\nwiki CNAME gw' });
  expectFirstTrouble(await nowhere.look(wanted), 'gateway-address', 'gateway-name-missing');
});

test('a certificate that does not cover the app’s name is told at the certificate', async (t) => {
  const { dns, upstream } = await office(t, 'wiki A 127.0.0.31');
  const way = await startWay(t, {
    site: site({ dnsServers: [dns], endpoints: [upstream] }),
    certificateNames: ['portal.corp.example'],
  });
  const steps = await way.look(app({ host: 'wiki.corp.internal', port: upstream.port }));
  expectFirstTrouble(steps, 'certificate', 'certificate-name');
  assert.deepEqual(steps.certificate.facts?.certificate?.names, ['portal.corp.example']);
});

test('F5: a provider that does not answer, answers for another issuer, or may not be asked, is told at sign-in', async (t) => {
  const { dns, upstream } = await office(t, 'wiki A 127.0.0.31');
  const impostor = await listenAt(
    t,
    createServer((_request, response) => response.end(JSON.stringify({ issuer: 'https://other.example' }))),
    '127.0.0.41',
  );
  const place = site({ dnsServers: [dns], endpoints: [upstream] });
  const issuers = [
    `http://127.0.0.41:${impostor.port}`,
    `http://127.0.0.41:${await closedPort(t, '127.0.0.41')}`,
    'http://169.254.169.254',
  ];
  const signIn = { localAccounts: false, providers: issuers.map((issuer) => ({ name: 'Login', issuer })) };
  const way = await startWay(t, { site: place, parts: { signIn: async () => signIn } });
  const steps = await way.look(app({ host: 'wiki.corp.internal', port: upstream.port }));
  expectFirstTrouble(steps, 'sign-in', 'providers-down');
  assert.deepEqual(
    steps['sign-in'].facts?.providers.map(({ outcome, detail }) => [outcome, detail]),
    [
      ['wrong-issuer', 'https://other.example'],
      ['silent', 'ECONNREFUSED'],
      [
        'silent',
        '169.254.169.254 leads to 169.254.169.254, a cloud’s metadata service, and is not asked. Correct the provider’s issuer, or that name’s record.',
      ],
    ],
  );
});

test('somebody to whom the app is not assigned is told at policy, and the app’s own way is looked at', async (t) => {
  const { dns, upstream } = await office(t, 'wiki A 127.0.0.31');
  const way = await startWay(t, { site: site({ dnsServers: [dns], endpoints: [upstream] }), assignments: [] });
  const steps = await way.look(app({ host: 'wiki.corp.internal', port: upstream.port }));
  expectFirstTrouble(steps, 'policy', 'not-assigned');
  assert.equal(steps.answer.code, 'answer-ok');
});

test('U6: a dead private DNS server is told at private DNS: amber beside a living one, red alone', async (t) => {
  const { dns, upstream } = await office(t, 'wiki A 127.0.0.31');
  const dead = { address: address('127.0.0.53'), port: 5399 };
  const wanted = app({ host: 'wiki.corp.internal', port: upstream.port });
  const beside = await startWay(t, { site: site({ dnsServers: [dead, dns], endpoints: [upstream] }) });
  const amber = await beside.look(wanted);
  assert.deepEqual([amber['private-dns'].code, amber['private-dns'].state], ['some-servers-fail', 'warning']);
  assert.deepEqual(
    amber['private-dns'].facts?.servers.map(({ answers }) => answers[0]?.outcome),
    ['unreachable', 'addresses'],
  );
  assert.equal(amber.answer.code, 'answer-ok');
  const alone = await startWay(t, { site: site({ dnsServers: [dead], endpoints: [upstream] }) });
  const red = await alone.look(wanted);
  expectFirstTrouble(red, 'private-dns', 'private-dns-silent');
  for (const step of ['connect', 'tls', 'answer'] as const) assert.equal(red[step].code, 'earlier-step');
});

test('D7: while no private DNS server answers, the look goes on with what gateways hold, and says since when', async (t) => {
  const { upstream } = await office(t, 'wiki A 127.0.0.31');
  const dead = { address: address('127.0.0.53'), port: 5399 };
  const answeredAt = Date.UTC(2026, 10, 29, 10, 42);
  const answer = (at: number, ...addresses: string[]) => ({
    ...{ kind: 'addresses' as const, addresses: addresses.map(address), chain: [], server: dead, ttlSeconds: 60 },
    ...{ answeredAt: at, staleSince: at + 60_000 },
  });
  const wiki = host('wiki.corp.internal');
  const circuit = onSilence(NEW_CIRCUIT, answeredAt + 1, answeredAt + 2_000);
  const lastFailure = { reason: 'unreachable' as const, at: answeredAt + 9_000 };
  const heldNames = async () => [
    { gateway: 1, servers: [], names: [{ host: wiki, answer: answer(answeredAt - 5_000, '192.0.2.1') }] },
    {
      gateway: 2,
      servers: [{ server: dead, circuit, lastFailure }],
      names: [{ host: wiki, answer: answer(answeredAt, '127.0.0.31') }],
    },
    {
      gateway: 3,
      servers: [{ server: dead, circuit: NEW_CIRCUIT, lastFailure }],
      names: [{ host: host('other.corp.internal'), answer: answer(answeredAt + 1, '192.0.2.2') }],
    },
  ];
  const wanted = app({ host: 'wiki.corp.internal', port: upstream.port });
  const place = { dnsServers: [dead], endpoints: [upstream] };
  const way = await startWay(t, { site: site(place), parts: { heldNames } });
  const steps = await way.look(wanted);
  expectFirstTrouble(steps, null);
  assert.equal(steps['private-dns'].code, 'private-answer-stale');
  const { facts, state } = steps['private-dns'];
  assert.deepEqual(
    [state, facts?.answers[0]?.heldSince, facts?.answers[0]?.addresses],
    ['warning', answeredAt, ['127.0.0.31']],
  );
  assert.deepEqual(
    facts?.held.map(({ gateway, addresses, answeredAt: at }) => [gateway, addresses, at]),
    [
      [1, ['192.0.2.1'], answeredAt - 5_000],
      [2, ['127.0.0.31'], answeredAt],
    ],
  );
  assert.deepEqual(facts?.passedOver, [
    { gateway: 2, server: '127.0.0.53:5399', reason: 'unreachable', since: answeredAt + 2_000 },
  ]);
  assert.equal(steps.answer.code, 'answer-ok');
  // An address that the site does not allow is not allowed because a gateway holds it.
  const elsewhere = await startWay(t, { site: site({ ...place, endpoints: [] }), parts: { heldNames } });
  expectFirstTrouble(await elsewhere.look(wanted), 'connect', 'not-allowed');
});

test('what gateways hold stands beside a good answer, and does not take its place', async (t) => {
  const { dns, upstream } = await office(t, 'wiki A 127.0.0.31');
  const held = { kind: 'failure' as const, reason: 'timeout' as const };
  const heldNames = async () => [
    { gateway: 1, servers: [], names: [{ host: host('wiki.corp.internal'), answer: held }] },
  ];
  const way = await startWay(t, { site: site({ dnsServers: [dns], endpoints: [upstream] }), parts: { heldNames } });
  const steps = await way.look(app({ host: 'wiki.corp.internal', port: upstream.port }));
  expectFirstTrouble(steps, null);
  assert.equal(steps['private-dns'].facts?.answers[0]?.heldSince, null);
  assert.deepEqual(steps['private-dns'].facts?.held, [
    { gateway: 1, host: 'wiki.corp.internal', outcome: 'timeout', addresses: [], answeredAt: null, staleSince: null },
  ]);
});

test('D8: a private DNS server over TLS that does not prove its name is told as that, with the server', async (t) => {
  const authority = await createAuthority('Nobody here knows it');
  const tls = await authority.issue({ names: ['dns.corp.internal'] });
  const { server } = await startStreamServer(t, { tls, tlsName: 'dns.corp.internal' });
  const way = await startWay(t, { site: site({ dnsServers: [server], endpoints: [] }) });
  const steps = await way.look(app({ host: 'wiki.corp.internal', port: 80 }));
  expectFirstTrouble(steps, 'private-dns', 'private-dns-unproven');
  const [shown] = steps['private-dns'].facts?.servers ?? [];
  assert.equal(shown?.server, `127.0.0.1:${server.port}#dns.corp.internal`);
  assert.equal(shown?.answers[0]?.outcome, 'certificate-untrusted');
});

test('U6: a name that private DNS does not know, and one that its site does not ask for, are told apart', async (t) => {
  const { dns, upstream } = await office(t, 'wiki A 127.0.0.31');
  const place = site({ dnsServers: [dns], endpoints: [upstream] });
  const unknown = await (await startWay(t, { site: place })).look(app({ host: 'none.corp.internal', port: 1 }));
  expectFirstTrouble(unknown, 'private-dns', 'private-name-missing');
  const zoned = await startWay(t, { site: { ...place, zones: [host('hq.internal')] } });
  const outside = await zoned.look(app({ host: 'wiki.corp.internal', port: 1 }));
  expectFirstTrouble(outside, 'private-dns', 'outside-zones');
});

test('two private DNS servers of two minds are amber', async (t) => {
  const { dns, upstream } = await office(t, 'wiki A 127.0.0.31');
  const other = await startBind({ zones: { 'corp.internal': zoneText('corp.internal', 'wiki A 127.0.0.32') } });
  t.after(() => other.stop());
  const way = await startWay(t, { site: site({ dnsServers: [dns, other], endpoints: [upstream] }) });
  const steps = await way.look(app({ host: 'wiki.corp.internal', port: upstream.port }));
  assert.equal(steps['private-dns'].code, 'servers-disagree');
});

test('U1: a closed port is told at the connection, and no answer is waited for', async (t) => {
  const { dns } = await office(t, 'wiki A 127.0.0.31');
  const port = await closedPort(t, APP_AT);
  const endpoints = [{ address: address(APP_AT), port }];
  const way = await startWay(t, { site: site({ dnsServers: [dns], endpoints }) });
  const steps = await way.look(app({ host: 'wiki.corp.internal', port }));
  expectFirstTrouble(steps, 'connect', 'connect-refused');
  assert.equal(steps.answer.code, 'earlier-step');
});

test('F3: an address that the site does not allow is never connected to, and told at the connection', async (t) => {
  const { dns, upstream } = await office(t, 'wiki A 127.0.0.31');
  let connections = 0;
  const forbidden = await listenAt(
    t,
    createTcpServer((socket) => {
      connections += 1;
      socket.destroy();
    }),
    '127.0.0.32',
    0,
  );
  const way = await startWay(t, { site: site({ dnsServers: [dns], endpoints: [upstream] }) });
  const steps = await way.look(app({ host: '127.0.0.32', port: forbidden.port }));
  assert.equal(steps['private-dns'].code, 'literal-address');
  expectFirstTrouble(steps, 'connect', 'not-allowed');
  assert.equal(steps.connect.facts?.attempts[0]?.refusal, 'loopback');
  assert.equal(connections, 0);
});

test('U5: what is wrong with the app’s certificate is told at TLS, with the certificate that was shown', async (t) => {
  const { dns } = await office(t, 'wiki A 127.0.0.31');
  const [known, other] = await Promise.all([createAuthority('Known'), createAuthority('Other')]);
  const names = ['wiki.corp.internal'];
  const table = [
    [await other.issue({ names }), 'tls-untrusted'],
    [await known.issue({ names: ['board.corp.internal'] }), 'tls-name'],
    [await known.issue({ names, notAfter: new Date(Date.now() - 1_000) }), 'tls-expired'],
  ] as const;
  for (const [leaf, code] of table) {
    const at = await listenAt(
      t,
      createTlsServer({ ...leaf }, (_request, response) => response.end()),
      APP_AT,
    );
    const way = await startWay(t, { site: site({ dnsServers: [dns], endpoints: [at] }) });
    const tls = { kind: 'ca', pem: known.pem } as const;
    const steps = await way.look(app({ host: 'wiki.corp.internal', port: at.port, scheme: 'https', tls }));
    expectFirstTrouble(steps, 'tls', code);
    assert.equal(steps.tls.facts?.attempts[0]?.certificate?.sha256, leaf.sha256);
    assert.equal(steps.answer.code, 'earlier-step');
  }
});

test('an app over TLS is proven and asked, and an unproven one is amber', async (t) => {
  const { dns } = await office(t, 'wiki A 127.0.0.31');
  const known = await createAuthority('Known');
  const leaf = await known.issue({ names: ['wiki.corp.internal'], notAfter: new Date(Date.now() + 60 * 86_400_000) });
  const at = await listenAt(
    t,
    createTlsServer({ ...leaf }, (_request, response) => response.writeHead(302, { location: '/home' }).end()),
    APP_AT,
  );
  const way = await startWay(t, { site: site({ dnsServers: [dns], endpoints: [at] }) });
  const upstream = { host: 'wiki.corp.internal', port: at.port, scheme: 'https' } as const;
  const proven = await way.look(app({ ...upstream, tls: { kind: 'ca', pem: known.pem } }));
  assert.deepEqual([proven.tls.code, proven.answer.code], ['tls-trusted', 'answer-redirect']);
  assert.deepEqual(proven.tls.facts?.attempts[0]?.certificate?.chain, ['Known']);
  const unproven = await way.look(app({ ...upstream, tls: { kind: 'unverified' } }));
  assert.deepEqual(
    [unproven.tls.code, unproven.tls.state, unproven.answer.code],
    ['tls-unverified', 'warning', 'answer-redirect'],
  );
});

test('U1 U2: an app that fails, hangs up or speaks no HTTP is told at the answer', async (t) => {
  const { dns } = await office(t, 'wiki A 127.0.0.31');
  const table = [
    [createServer((_request, response) => response.writeHead(503).end()), 'answer-error'],
    [createServer((_request, response) => response.writeHead(421).end()), 'answer-host'],
    [createServer((_request, response) => response.writeHead(401).end()), 'answer-asks'],
    [createTcpServer((socket) => socket.on('error', () => {}).once('data', () => socket.end())), 'answer-closed'],
    [
      createTcpServer((socket) => socket.on('error', () => {}).once('data', () => socket.end('SSH-2.0-x\r\n'))),
      'answer-invalid',
    ],
  ] as const;
  for (const [server, code] of table) {
    const at = await listenAt(t, server, APP_AT);
    const way = await startWay(t, { site: site({ dnsServers: [dns], endpoints: [at] }) });
    const steps = await way.look(app({ host: 'wiki.corp.internal', port: at.port }));
    assert.equal(steps.answer.code, code);
    assert.equal(steps.connect.code, 'connected');
  }
});

/** The first red step of the way; null for none. Nothing before it and, but for what hangs on it, nothing after it is red. */
function expectFirstTrouble(steps: Steps, step: PathStepName | null, code = ''): void {
  const red = PATH_STEPS.filter((name) => steps[name].state === 'bad').map((name) => `${name}: ${steps[name].code}`);
  assert.deepEqual(red, step === null ? [] : [`${step}: ${code}`]);
  assert.deepEqual(Object.keys(steps).sort(), [...PATH_STEPS].sort(), 'each step is told once');
}

/** An upstream that says which Host it saw, and a BIND that knows the names given. */
async function office(
  t: TestContext,
  records: string,
): Promise<{ dns: Endpoint; upstream: Endpoint & { seenHost(): string } }> {
  const bind = await startBind({ zones: { 'corp.internal': zoneText('corp.internal', records) } });
  t.after(() => bind.stop());
  let seen = '';
  const server = createServer((request, response) => {
    seen = request.headers.host ?? '';
    response.writeHead(200, { server: seen }).end('a page');
  });
  const upstream = await listenAt(t, server, APP_AT);
  return { dns: { address: bind.address, port: bind.port }, upstream: { ...upstream, seenHost: () => seen } };
}

async function closedPort(t: TestContext, at: string): Promise<number> {
  const server = createTcpServer();
  const { port } = await listenAt(t, server, at);
  server.close();
  return port;
}
