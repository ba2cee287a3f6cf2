// The DNS doctor against real BINDs outside and inside: each wrong record is found, said, and mended by the record that is given.
import assert from 'node:assert/strict';
import { createSocket } from 'node:dgram';
import { once } from 'node:events';
import { type TestContext, test } from 'node:test';
import { aliasesOf, aliasKey, aliasLabel } from '#server/core/alias.ts';
import { type App, type Endpoint, PLAIN_TRAFFIC, PLAIN_UPSTREAM, type Site } from '#server/core/app.ts';
import { cluster, SEED_SUB_CLUSTER } from '#server/core/cluster.testing.ts';
import { dnsServerText } from '#server/core/dns-server.ts';
import { parseHostname } from '#server/core/hostname.ts';
import type { CertificateNames } from '#server/core/names-facts.ts';
import { type NamesFinding, zoneLine } from '#server/core/names-finding.ts';
import { buildSnapshot, type Portal, parsePortal } from '#server/core/snapshot.ts';
import { type Bind, startBind, zoneText } from '#server/dns/bind.testing.ts';
import { RCODE, TYPE } from '#server/dns/message.ts';
import { nameText } from '#server/dns/name.ts';
import { a, address, alias, endpoint, host, replyTo } from '#server/dns/packet.testing.ts';
import { decode, encode } from '#server/dns/wire.ts';
import { silentLog } from '../../dial/dial.testing.ts';
import { checkNames } from './check.ts';
import type { NamesContext } from './gather.ts';

const GATEWAY = '203.0.113.20';
const PORTAL = parsePortal('https://portal.corp.example', parseHostname) as Portal;
const labelOf = (appId: string, round: number): string => aliasLabel(aliasKey(Buffer.alloc(32, 7)), appId, round);
const BASE = `gw A ${GATEWAY}\nportal CNAME gw`;

test('SOL-1, SOL-2: a right set-up has no finding: the CNAME and the address of the gateway are both looked at', async (t) => {
  const { look } = await started(t, { publicRecords: `${BASE}\nwiki CNAME gw`, inside: 'wiki-int A 10.0.0.20' });
  const { findings, isComplete, names } = await look([app('wiki', 'wiki-int.corp.internal')]);
  assert.deepEqual(findings, []);
  assert.ok(isComplete);
  assert.deepEqual([...names].sort(), [
    'gw.corp.example',
    'portal.corp.example',
    'wiki-int.corp.internal',
    'wiki.corp.example',
  ]);
});

test('SOL-1, SOL-2: each wrong record has a word and a sentence, and the record that is given is the one that mends it', async (t) => {
  const table: [string, string | null][] = [
    ['', 'name-missing'],
    ['wiki TXT nothing', 'leads-nowhere'],
    ['wiki A 192.168.1.20', 'leads-inside'],
    [`wiki A ${GATEWAY}`, 'leads-by-address'],
    [`wiki A ${GATEWAY}\nwiki A 198.51.100.9`, 'leads-partly'],
    ['wiki A 198.51.100.9', 'leads-elsewhere'],
    ['wiki CNAME other\nother CNAME wiki', 'alias-loop'],
    ['wiki CNAME gone', 'target-missing'],
    ['wiki 86400 CNAME gw', 'ttl-long'],
    ['wiki CNAME two\ntwo CNAME gw', null],
  ];
  const { look, outside } = await started(t, { publicRecords: BASE });
  for (const [at, [records, code]] of table.entries()) {
    await setOutside(outside, `${BASE}\n${records}`, at * 2 + 2);
    const { findings } = await look([app('wiki')]);
    assert.deepEqual(
      findings.map((each) => each.code),
      code === null ? [] : [code],
      records,
    );
    const [finding] = findings;
    if (!finding) continue;
    assert.match(finding.sentence, /wiki\.corp\.example.*\.$/);
    assert.ok(finding.record, code ?? '');
    await setOutside(outside, `${BASE}\n${zoneLine(finding.record)}`, at * 2 + 3);
    assert.deepEqual((await look([app('wiki')])).findings, [], `${zoneLine(finding.record)} mends ${records}`);
  }
});

test('RFC 1034 §3.6.2: at the top of a zone the gateway’s address is right, and no CNAME is advised', async (t) => {
  const insideRecords = 'gw A 10.9.9.9\nportal A 10.9.9.9';
  const { look, inside, outside } = await started(t, {
    publicRecords: BASE,
    insideZones: { 'corp.example': zoneText('corp.example', insideRecords) },
    inside: 'wiki-int A 10.0.0.20',
  });
  const top: App = { ...app('wiki'), hosts: [host('corp.example')] };
  const table: [string, string | null][] = [
    [`@ A ${GATEWAY}`, null],
    ['@ MX 10 mail', 'leads-nowhere'],
    ['@ A 192.168.1.20', 'leads-inside'],
    [`@ A ${GATEWAY}\n@ A 198.51.100.9`, 'leads-partly'],
    ['@ A 198.51.100.9', 'leads-elsewhere'],
  ];
  for (const [at, [records, code]] of table.entries()) {
    await setOutside(outside, `${BASE}\n${records}`, at * 2 + 2);
    const { findings } = await look([top]);
    assert.deepEqual(codesOf(findings), code === null ? [] : [code], records);
    const [finding] = findings;
    if (!finding) continue;
    assert.match(finding.sentence, /^corp\.example is the top of its zone.* ALIAS of gw\.corp\.example /);
    assert.ok(finding.record);
    assert.equal(zoneLine(finding.record), `corp.example. 300 IN A ${GATEWAY}`);
  }
  await setOutside(outside, `${BASE}\n@ A ${GATEWAY}`, table.length * 2 + 2);
  await inside.setZone('corp.example', zoneText('corp.example', `${insideRecords}\n@ A 192.168.1.20`, { serial: 2 }));
  const [past, ...others] = (await look([top], {}, null, site(inside))).findings;
  assert.deepEqual(others, []);
  assert.equal(past?.code, 'inside-bypass');
  assert.equal(past?.record && zoneLine(past.record), 'corp.example. 300 IN A 10.9.9.9');
});

test('a gateway’s name without an address, or without a name at all, is said once and not for every app', async (t) => {
  const { look } = await started(t, { publicRecords: `portal A ${GATEWAY}\nwiki CNAME gw\njira CNAME gw` });
  const missing = (await look([app('wiki'), app('jira')])).findings;
  assert.ok(missing.some(({ code, name }) => code === 'gateway-missing' && name === 'gw.corp.example'));
  const unnamed = (await look([app('wiki'), app('jira')], { gatewayName: null })).findings;
  assert.deepEqual(codesOf(unnamed), ['gateway-unnamed']);
});

test('SCL-4: an alias is right, the gateway’s name too; another app’s, an older one and an undelegated zone are said', async (t) => {
  const setting = {
    zone: host('alias.example'),
    addresses: [address(GATEWAY)],
    nameServers: [host('ns.corp.example')],
  };
  const aliases = aliasesOf(
    setting,
    new Map([
      ['wiki', 0],
      ['jira', 0],
    ]),
    labelOf,
  );
  const aliasOf = (id: string): string => aliases?.byApp.get(id) ?? assert.fail(id);
  const old = aliasesOf(setting, new Map([['wiki', 9]]), labelOf)?.byApp.get('wiki');
  const zone = ['wiki', 'jira'].map((id) => `${aliasOf(id)}. A ${GATEWAY}`).join('\n');
  const { look, outside } = await started(t, {
    publicRecords: BASE,
    zones: {
      'alias.example': `$ORIGIN alias.example.\n$TTL 30\n@ SOA ns hostmaster 1 1 1 1 1\n@ NS ns.corp.example.\n${zone}\n`,
    },
  });
  const apps = [app('wiki'), app('jira')];
  const table: [string, string[]][] = [
    [aliasOf('wiki'), []],
    ['gw.corp.example', []],
    [aliasOf('jira'), ['alias-foreign']],
    [old ?? '', ['alias-gone']],
  ];
  for (const [at, [target, codes]] of table.entries()) {
    await setOutside(outside, `${BASE}\njira CNAME gw\nwiki CNAME ${target}.`, at + 2);
    const { findings } = await look(apps, {}, aliases);
    assert.deepEqual(codesOf(findings), codes, target);
    for (const { record } of findings) assert.equal(record?.value, `${aliasOf('wiki')}.`);
    // What is shown of one app names no other.
    assert.ok(!JSON.stringify(findings).includes(aliasOf('jira')));
  }
  const bare = { ...aliases, zone: host('undelegated.corp.example') } as NonNullable<typeof aliases>;
  const { findings } = await look(apps, {}, bare);
  const undelegated = findings.find(({ code }) => code === 'alias-zone-undelegated');
  assert.equal(
    undelegated?.record && zoneLine(undelegated.record),
    'undelegated.corp.example. 3600 IN NS ns.corp.example.',
  );
});

test('RFC 8659: CAA is looked for upwards, and an authority that may not issue is said with the record to add', async (t) => {
  const certificate = {
    names: ['*.corp.example'],
    issuer: "C=US\nO=Let's Encrypt\nCN=R11",
    coveredBy: '*.corp.example',
  };
  const exact = { ...certificate, names: ['wiki.corp.example'], coveredBy: 'wiki.corp.example' };
  const table: [string, string[], (string | null)?, CertificateNames?][] = [
    ['', []],
    ['@ CAA 0 issue "letsencrypt.org"', []],
    ['@ CAA 0 issue "ca.example"', ['caa-forbids'], 'corp.example. 3600 IN CAA 0 issue "letsencrypt.org"'],
    [
      '@ CAA 0 issue "letsencrypt.org"\n@ CAA 0 issuewild ";"',
      ['caa-nobody'],
      'corp.example. 3600 IN CAA 0 issuewild "letsencrypt.org"',
    ],
    [
      '@ CAA 0 issue "letsencrypt.org"\n@ CAA 0 issuewild "digicert.com"',
      ['caa-forbids'],
      'corp.example. 3600 IN CAA 0 issuewild "letsencrypt.org"',
    ],
    ['@ CAA 0 issue ";"\n@ CAA 0 issuewild "letsencrypt.org"', []],
    ['gw CAA 0 issue "ca.example"', ['caa-forbids'], 'gw.corp.example. 3600 IN CAA 0 issue "letsencrypt.org"', exact],
    ['@ CAA 128 strange "x"\n@ CAA 0 issue "letsencrypt.org"', ['caa-nobody'], null],
  ];
  const { look, outside } = await started(t, { publicRecords: BASE });
  for (const [at, [records, codes, mends = null, shown = certificate]] of table.entries()) {
    await setOutside(outside, `${BASE}\nwiki CNAME gw\n${records}`, at * 2 + 2);
    const certificateOf = (name: string): CertificateNames | null => (name.startsWith('wiki') ? shown : null);
    const { findings } = await look([app('wiki')], { certificateOf });
    assert.deepEqual(codesOf(findings), codes, records);
    const [record] = findings.map((finding) => finding.record);
    assert.equal(record ? zoneLine(record) : null, mends, records);
    if (!record) continue;
    const mended = `${BASE}\nwiki CNAME gw\n${records}\n${zoneLine(record)}`;
    await setOutside(outside, mended, at * 2 + 3);
    assert.deepEqual((await look([app('wiki')], { certificateOf })).findings, [], mended);
  }
  await setOutside(outside, `${BASE}\nwiki CNAME gw`, table.length * 2 + 2);
  const uncovered = { ...certificate, coveredBy: null };
  const { findings } = await look([app('wiki')], {
    certificateOf: (name) => (name.startsWith('wiki') ? uncovered : null),
  });
  assert.deepEqual(codesOf(findings), ['certificate-name']);
});

test('split horizon: an internal record that leads people past the gateway, or nowhere, is said of the servers that have it', async (t) => {
  const { look, inside } = await started(t, {
    publicRecords: `${BASE}\nwiki CNAME gw`,
    insideZones: { 'corp.example': zoneText('corp.example', 'wiki A 192.168.1.20') },
    inside: 'wiki-int A 10.0.0.20',
  });
  const apps = [app('wiki', 'wiki-int.corp.internal')];
  const [past] = (await look(apps, {}, null, site(inside))).findings.filter(({ name }) => name === 'wiki.corp.example');
  assert.equal(past?.code, 'inside-bypass');
  assert.match(
    past?.sentence ?? '',
    /The DNS of Office answers wiki\.corp\.example with 192\.168\.1\.20.*forward|Forward/,
  );
  assert.ok(past?.isPrivate);
  const [shared] = (await look([app('wiki', 'wiki.corp.example')], {}, null, site(inside))).findings.filter(
    ({ name }) => name === 'wiki.corp.example',
  );
  assert.equal(shared?.code, 'inside-shared');
  await inside.setZone('corp.example', zoneText('corp.example', '', { serial: 2 }));
  const unknown = (await look(apps, {}, null, site(inside))).findings;
  assert.deepEqual(codesOf(unknown), ['inside-missing'], 'said of the gateway, and not of everything behind it');
  assert.equal(unknown[0]?.record && zoneLine(unknown[0].record), `gw.corp.example. 300 IN A ${GATEWAY}`);
  await inside.setZone('corp.example', zoneText('corp.example', BASE, { serial: 3 }));
  const [missing] = (await look(apps, {}, null, site(inside))).findings.filter(
    ({ name }) => name === 'wiki.corp.example',
  );
  assert.equal(missing?.code, 'inside-missing');
  await inside.setZone(
    'corp.example',
    zoneText('corp.example', 'wiki A 10.9.9.9\nportal A 10.9.9.9\ngw A 10.9.9.9', { serial: 4 }),
  );
  assert.deepEqual(
    (await look(apps, {}, null, site(inside))).findings,
    [],
    'the gateway’s own address inside is right',
  );
});

test('private DNS: servers that disagree, fail or are silent are said, and a name that nobody knows', async (t) => {
  const { look, inside } = await started(t, {
    publicRecords: `${BASE}\nwiki CNAME gw`,
    inside: 'wiki-int A 10.0.0.20',
  });
  const other = await startBind({ zones: { 'corp.internal': zoneText('corp.internal', 'wiki-int A 10.0.0.21') } });
  t.after(() => other.stop());
  const apps = [app('wiki', 'wiki-int.corp.internal')];
  const found = async (...servers: Endpoint[]) => codesOf((await look(apps, {}, null, site(...servers))).findings);
  assert.deepEqual(await found(inside, other), ['private-disagree']);
  await other.setZone('corp.internal', zoneText('corp.internal', '', { serial: 2 }));
  assert.deepEqual(await found(inside, other), ['private-some-fail']);
  assert.deepEqual(await found(other), ['private-missing']);
  assert.deepEqual(await found(inside, endpoint('127.0.0.1', 9)), ['private-server-silent']);
});

test('TG-C4: a gateway’s name that tells one of several addresses at a time is right, outside and inside', async (t) => {
  const { look } = await started(t, { publicRecords: BASE });
  const [publicDns, insideDns] = [[await takingTurns(t)], [await takingTurns(t)]];
  const { findings, names } = await look([app('wiki')], { publicDns, insideDns: () => insideDns });
  assert.deepEqual(findings, []);
  assert.ok(names.includes('wiki.corp.example'));
});

test('each node of the cluster is a gateway: those that people outside get to there, and all of them inside', async (t) => {
  const planned = cluster({
    subClusters: [{ ...SEED_SUB_CLUSTER, lan: ['192.168.1.100/24'], nat: ['203.0.113.20/24'] }],
  });
  const { look, outside, inside } = await started(t, {
    publicRecords: `${BASE}\nwiki A 203.0.113.23`,
    insideZones: { 'corp.example': zoneText('corp.example', `${BASE}\nwiki A 192.168.1.103`) },
    inside: 'wiki-int A 10.0.0.20',
  });
  const findingsNow = async () =>
    (await look([app('wiki', 'wiki-int.corp.internal')], { cluster: async () => planned }, null, site(inside)))
      .findings;
  const ofWiki = async () => codesOf((await findingsNow()).filter(({ name }) => name === 'wiki.corp.example'));
  assert.deepEqual(await ofWiki(), ['leads-by-address']);
  await setOutside(outside, `${BASE}\nwiki A 192.168.1.103`, 2);
  assert.deepEqual(await ofWiki(), ['leads-inside']);
});

/** Inside, a name of the company's own zone that leads nobody to the gateway. */
const INTERNAL_BESIDE_GATEWAY = zoneText(
  'corp.example',
  `wiki-int A 10.0.0.20\nwiki A ${GATEWAY}\nportal A ${GATEWAY}\ngw A ${GATEWAY}`,
);

test('F7: an internal name in public DNS is said, and public DNS never hears of one that could not be there', async (t) => {
  const { look, inside } = await started(t, {
    publicRecords: `${BASE}\nwiki CNAME gw\nwiki-int A 10.0.0.20`,
    insideZones: { 'corp.example': INTERNAL_BESIDE_GATEWAY },
    inside: 'secret A 10.0.0.21',
  });
  const { findings } = await look([app('wiki', 'wiki-int.corp.example')], {}, null, site(inside));
  assert.deepEqual(codesOf(findings), ['private-public']);
  assert.match(findings[0]?.sentence ?? '', /wiki-int\.corp\.example is in public DNS too, with 10\.0\.0\.20/);
  const asked: string[] = [];
  const listener = await countingServer(t, asked);
  await look([app('wiki', 'secret.corp.internal')], { publicDns: [listener] }, null, site(inside));
  assert.ok(asked.includes('wiki.corp.example'));
  assert.deepEqual(
    asked.filter((name) => name.endsWith('corp.internal')),
    [],
  );
});

test('F7: a wildcard of the public zone says nothing of an internal name', async (t) => {
  const { look, inside } = await started(t, {
    publicRecords: `${BASE}\nwiki CNAME gw\n* A 198.51.100.7`,
    insideZones: { 'corp.example': INTERNAL_BESIDE_GATEWAY },
    inside: 'secret A 10.0.0.21',
  });
  const { findings } = await look([app('wiki', 'wiki-int.corp.example')], {}, null, site(inside));
  assert.deepEqual(codesOf(findings), []);
});

test('public DNS that is silent is one finding and nothing else is made of it; a look that is cut short says so', async (t) => {
  const { look } = await started(t, { publicRecords: BASE });
  const { findings } = await look([app('wiki'), app('jira')], { publicDns: [endpoint('127.0.0.1', 9)] });
  assert.deepEqual(codesOf(findings), ['public-dns-silent']);
  const cut = await look([app('wiki')], {}, null, site(), { signal: AbortSignal.abort() });
  assert.equal(cut.isComplete, false);
  assert.deepEqual(cut.findings, []);
});

test('SOL-1, SCL-4: what still leads here for an app that is disabled or deleted is a record to remove, and no error', async (t) => {
  const { look, outside } = await started(t, { publicRecords: `${BASE}\nwiki CNAME gw\nold CNAME gw` });
  const wiki = { ...app('wiki'), enabled: false };
  const deleted = [{ name: 'Old', hosts: [host('old.corp.example')] }];
  const deletedApps = async () => deleted;
  const { findings, names } = await look([wiki], { deletedApps });
  assert.deepEqual(
    findings.map(({ appIds, code, level, name }) => [code, level, name, appIds]),
    [
      ['record-left', 'warning', 'old.corp.example', []],
      ['record-left', 'warning', 'wiki.corp.example', ['wiki']],
    ],
  );
  assert.match(
    findings[0]?.sentence ?? '',
    /Old is deleted\. Remove .*: old\.corp\.example CNAME gw\.corp\.example\.$/,
  );
  assert.match(findings[1]?.sentence ?? '', /WIKI is disabled\..*: wiki\.corp\.example CNAME gw\.corp\.example\.$/);
  assert.ok(names.includes('wiki.corp.example'));
  const table: [string, string[]][] = [
    ['', []],
    ['wiki CNAME elsewhere.example.', []],
    [`wiki A ${GATEWAY}`, ['record-left']],
    ['* CNAME gw', []],
  ];
  for (const [at, [records, codes]] of table.entries()) {
    await setOutside(outside, `${BASE}\n${records}`, at + 2);
    assert.deepEqual(codesOf((await look([wiki], { deletedApps })).findings), codes, records);
  }
  await setOutside(outside, `${BASE}\nold CNAME gw`, table.length + 2);
  const taken = await look([app('old')], { deletedApps });
  assert.deepEqual(taken.findings, [], 'another app that has the name by now');
});

test('SCL-4: an alias that went with its app is a record to remove', async (t) => {
  const setting = {
    zone: host('alias.example'),
    addresses: [address(GATEWAY)],
    nameServers: [host('ns.corp.example')],
  };
  const before = aliasesOf(setting, new Map([['wiki', 0]]), labelOf);
  const { look } = await started(t, {
    publicRecords: `${BASE}\nwiki CNAME ${before?.byApp.get('wiki')}.`,
    zones: {
      'alias.example': '$ORIGIN alias.example.\n$TTL 30\n@ SOA ns hostmaster 1 1 1 1 1\n@ NS ns.corp.example.\n',
    },
  });
  const deletedApps = async () => [{ name: 'Wiki', hosts: [host('wiki.corp.example')] }];
  const { findings } = await look([], { deletedApps }, aliasesOf(setting, new Map(), labelOf));
  assert.deepEqual(codesOf(findings), ['record-left']);
});

test('TG-C1: names of the cluster are asked for inside: not forwarded, forwarded to nobody, and leading elsewhere are said', async (t) => {
  const berlin = { ...SEED_SUB_CLUSTER, label: 'berlin' };
  const planned = cluster({ name: host('gates.corp.internal'), subClusters: [berlin] });
  const asCluster = { cluster: async () => planned };
  const { look, inside } = await started(t, { publicRecords: `${BASE}\nwiki CNAME gw` });
  const found = async (parts: Partial<NamesContext> = {}) => {
    const { findings } = await look([app('wiki')], { ...asCluster, ...parts });
    return findings.map(({ code, isPrivate, name }) => {
      assert.ok(isPrivate, code);
      return [code, name];
    });
  };
  const [whole, part] = ['gates.corp.internal', 'berlin.gates.corp.internal'];
  const set = (records: string, serial: number) =>
    inside.setZone('corp.internal', zoneText('corp.internal', records, { serial }));
  assert.deepEqual(await found(), [
    ['cluster-missing', part],
    ['cluster-missing', whole],
  ]);
  await set('gates A 192.168.1.100\ngates A 192.168.1.103\nberlin.gates A 10.10.10.101', 2);
  assert.deepEqual(await found(), []);
  await set('gates A 192.168.1.100\nberlin.gates A 192.168.1.102', 3);
  assert.deepEqual(await found(), [['cluster-elsewhere', part]], 'number 3 is no node');
  await set('gates TXT nothing\nberlin.gates A 192.168.1.100', 4);
  assert.deepEqual(await found(), [['cluster-failed', whole]]);
  // The site knows nothing, and another server inside does: nobody is told of the site.
  await set('', 5);
  const other = await startBind({
    zones: {
      'corp.example': zoneText('corp.example', `${BASE}\nwiki CNAME gw`),
      'corp.internal': zoneText('corp.internal', 'gates A 192.168.1.100\nberlin.gates A 192.168.1.101'),
    },
  });
  t.after(() => other.stop());
  assert.deepEqual(await found({ insideDns: () => [other] }), []);
  const asked: string[] = [];
  await look([app('wiki')], { ...asCluster, publicDns: [await countingServer(t, asked)] });
  assert.ok(!asked.some((name) => name.endsWith('corp.internal')), 'F7: public DNS hears of none');
});

test('a gateway’s name that is the cluster’s has no record to create: the way to it is delegated', async (t) => {
  const planned = cluster({ name: host('gw.corp.example') });
  const { look } = await started(t, { publicRecords: 'portal CNAME gw' });
  const { findings } = await look([], { cluster: async () => planned });
  const missing = findings.find(({ code }) => code === 'gateway-missing');
  assert.equal(missing?.record, null);
  assert.match(missing?.sentence ?? '', /Delegate it to the load balancers/);
});

test('a site’s dead DNS server costs a look its first questions, not one for every name, and that is said', async (t) => {
  const names = Array.from({ length: 40 }, (_, at) => `app${at}`);
  const { look, inside } = await started(t, {
    publicRecords: `${BASE}\n${names.map((name) => `${name} CNAME gw`).join('\n')}`,
    inside: 'wiki-int A 10.0.0.20',
  });
  const asked: string[] = [];
  const dead = await silentServer(t, asked);
  const { findings, isComplete } = await look(
    names.map((name) => app(name)),
    {},
    null,
    site(dead),
  );
  assert.ok(isComplete);
  assert.ok(asked.length < names.length, `${asked.length} questions`);
  assert.deepEqual(codesOf(findings), ['private-server-silent']);
  assert.match(findings[0]?.sentence ?? '', /of Office does not answer, .* asked nothing more in this look/);
  const second = await look([app('app0', 'wiki-int.corp.internal')], { publicDns: [dead] }, null, site(inside));
  assert.deepEqual(codesOf(second.findings), ['public-dns-silent'], 'said once');
});

test('a public DNS server that is dead beside one that answers is said, and so is one inside', async (t) => {
  const names = ['wiki', 'jira', 'blog', 'chat'];
  const { look, outside } = await started(t, {
    publicRecords: `${BASE}\n${names.map((name) => `${name} CNAME gw`).join('\n')}`,
  });
  const [dead, other] = [await silentServer(t, []), await silentServer(t, [])];
  const { findings } = await look(
    names.map((name) => app(name)),
    { publicDns: [dead, outside], insideDns: () => [other] },
    null,
    site(),
  );
  assert.deepEqual(
    findings.map(({ code, isPrivate, name, sentence }) => [code, name, isPrivate, /FOYER_\w+_DNS/.exec(sentence)?.[0]]),
    [
      ['server-silent', dnsServerText(dead), false, 'FOYER_PUBLIC_DNS'],
      ['server-silent', dnsServerText(other), true, 'FOYER_INSIDE_DNS'],
    ].sort(),
  );
});

test('looks that are all cut short come to every name in the end, internal ones too', async (t) => {
  const { look, inside } = await started(t, { publicRecords: BASE });
  const apps = Array.from({ length: 20 }, (_, at) => app(`app${at}`, `up${at}.corp.internal`));
  const seen = new Set<string>();
  let startAt: string | null = null;
  for (let looks = 0; looks < 42 && seen.size < 42; looks++) {
    const cut = new AbortController();
    const onProgress = (done: number) => {
      if (done >= 12) cut.abort();
    };
    const found = await look(apps, {}, null, site(inside), { signal: cut.signal, onProgress, startAt });
    assert.ok(!found.isComplete && found.endedAt !== null);
    for (const name of found.names) seen.add(name);
    startAt = found.endedAt;
  }
  assert.equal(seen.size, 42);
});

type Started = {
  publicRecords: string;
  zones?: Record<string, string>;
  insideZones?: Record<string, string>;
  inside?: string;
};

async function started(t: TestContext, { inside = '', insideZones = {}, publicRecords, zones = {} }: Started) {
  const outside = await startBind({ zones: { 'corp.example': zoneText('corp.example', publicRecords), ...zones } });
  t.after(() => outside.stop());
  const private_ = await startBind({ zones: { 'corp.internal': zoneText('corp.internal', inside), ...insideZones } });
  t.after(() => private_.stop());
  const look = (
    apps: readonly App[],
    parts: Partial<NamesContext> = {},
    aliases: ReturnType<typeof aliasesOf> = null,
    office: Site = site(private_),
    options: Parameters<typeof checkNames>[1] = {},
  ) => {
    const catalogue = apps.map((each) => ({ kind: 'app' as const, app: each, assignments: [] }));
    const { snapshot } = buildSnapshot({ revision: 1, portal: PORTAL, catalogue, sites: [office], aliases });
    const context: NamesContext = {
      portal: PORTAL,
      gatewayName: host('gw.corp.example'),
      publicDns: [outside],
      ownAddresses: [],
      caFile: null,
      certificateOf: () => null,
      snapshot: () => snapshot,
      deletedApps: async () => [],
      cluster: async () => null,
      now: Date.now,
      log: silentLog,
      insideDns: () => [],
      ...parts,
    };
    return checkNames(context, options);
  };
  return { outside, inside: private_, look };
}

function codesOf(findings: readonly NamesFinding[]): string[] {
  return findings.map(({ code }) => code);
}

function setOutside(bind: Bind, records: string, serial: number): Promise<void> {
  return bind.setZone('corp.example', zoneText('corp.example', records, { serial }));
}

function site(...dnsServers: Endpoint[]): Site {
  return { id: 'office', name: 'Office', dnsServers, zones: [], ranges: ['10.0.0.0/8'], endpoints: [] };
}

function app(name: string, upstream: string = '10.0.0.5'): App {
  return {
    id: name,
    name: name.toUpperCase(),
    description: '',
    category: '',
    support: '',
    icon: { kind: 'letters' },
    hosts: [host(`${name}.corp.example`)],
    showInLauncher: true,
    enabled: true,
    siteId: 'office',
    upstream: {
      ...PLAIN_UPSTREAM,
      scheme: 'http',
      host: upstream as never,
      port: 80,
      hostHeader: { kind: 'public' },
      tls: { kind: 'system' },
    },
    identityHeaders: { kind: 'none' },
    maxSessionMs: null,
    traffic: PLAIN_TRAFFIC,
  } as unknown as App;
}

/** Whatever is asked for leads to the gateway’s name, and that to .20 once and to .21 from then on. */
async function takingTurns(t: TestContext): Promise<Endpoint> {
  const socket = createSocket('udp4');
  const gateway = 'gw.corp.example';
  let told = 0;
  socket.on('message', (packet, from) => {
    const query = decode(packet);
    const [asked] = query.kind === 'message' ? query.message.questions : [];
    if (query.kind !== 'message' || !asked) return;
    const way = nameText(asked.name) === gateway ? [] : [alias(nameText(asked.name), gateway)];
    const answers = asked.type === TYPE.A ? [...way, a(gateway, `203.0.113.2${told++ === 0 ? 0 : 1}`)] : [];
    socket.send(encode(replyTo(query.message, { answers })), from.port, from.address);
  });
  socket.bind(0, '127.0.0.1');
  await once(socket, 'listening');
  t.after(() => socket.close());
  return endpoint('127.0.0.1', socket.address().port);
}

/** Never says anything, and remembers what it was asked for. */
async function silentServer(t: TestContext, asked: string[]): Promise<Endpoint> {
  const socket = createSocket('udp4');
  socket.on('message', (packet) => {
    const query = decode(packet);
    if (query.kind === 'message')
      asked.push(...query.message.questions.map(({ name }) => nameText(name).toLowerCase()));
  });
  socket.bind(0, '127.0.0.1');
  await once(socket, 'listening');
  t.after(() => socket.close());
  return endpoint('127.0.0.1', socket.address().port);
}

/** Knows no name, and remembers which it was asked for. */
async function countingServer(t: TestContext, asked: string[]): Promise<Endpoint> {
  const socket = createSocket('udp4');
  socket.on('message', (packet, from) => {
    const query = decode(packet);
    if (query.kind !== 'message') return;
    asked.push(...query.message.questions.map(({ name }) => nameText(name).toLowerCase()));
    socket.send(encode(replyTo(query.message, { rcode: RCODE.NXDOMAIN })), from.port, from.address);
  });
  socket.bind(0, '127.0.0.1');
  await once(socket, 'listening');
  t.after(() => socket.close());
  return endpoint('127.0.0.1', socket.address().port);
}
