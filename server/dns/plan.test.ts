// The promise of the plan: one order of steps, in which the first that has something to say decides.
import assert from 'node:assert/strict';
import { test } from 'node:test';
import { buildDomainSet, COVERS } from './domain-set.ts';
import { CLASS, TYPE } from './message.ts';
import { nameKey, nameText } from './name.ts';
import { type DomainSet, type LocalZone, type Names, NO_NAMES } from './names.ts';
import { address, endpoint, name, question } from './packet.testing.ts';
import { type Plan, planFor } from './plan.ts';
import { buildZone, type Zone, type ZoneLine } from './zone.ts';

const upstreams = {
  servers: [{ ...endpoint('9.9.9.9', 853), tlsName: 'dns.quad9.net' }],
  plaintextFallback: null,
  timeoutMs: 3_000,
  staleMs: 0,
};
const machines = zone('yourorg.zt.net', [{ name: 'Win-A', type: 'A', value: '100.64.0.1' }]);
const office = zone('corp.example', [
  { name: 'wiki', type: 'A', value: '10.0.0.20' },
  { name: '*.apps', type: 'A', value: '10.0.0.20' },
  { name: 'mail.own.apps', type: 'A', value: '10.0.0.22' },
]);
const lab = zone('office.test', [{ name: 'intranet', type: 'A', value: '10.0.0.21' }]);
const names: Names = {
  allow: domains('good.ads.example'),
  block: domains('ads.example', 'blocked.corp.internal', 'evil.yourorg.zt.net'),
  leases: {
    addressOf: (asked) => (nameKey(asked) === 'nas.home.int' ? address('100.64.0.4') : null),
    nameOf: (leased) => (leased === '100.64.0.4' ? name('nas.home.int') : null),
  },
  local: [
    { zone: machines, search: [name('ztna')], answersSingleLabels: true, covers: 'whole' },
    { zone: office, search: [], answersSingleLabels: false, covers: 'exact' },
    { zone: lab, search: [], answersSingleLabels: false, covers: 'exact' },
  ],
  hosted: [
    { origin: name('internet.intern.netz'), zoneFor: () => null },
    { origin: name('lab.internet.intern.netz'), zoneFor: () => null },
  ],
  routes: ['corp.internal', 'eu.corp.internal', '10.in-addr.arpa', 'lan.home.arpa'].map((each) => ({
    zone: name(each),
    servers: [endpoint('192.168.1.53', 53)],
    select: 'all' as const,
    staleMs: 0,
  })),
  upstreams,
  rebindingAllowed: [],
};

const rows: [string, number, string][] = [
  // QZ-O1 … O3: lists before everything, also before what is ours; and allowing beats blocking.
  ['ads.example', TYPE.A, 'block ads.example'],
  ['x.ADS.example', TYPE.HTTPS, 'block *.ads.example'],
  ['good.ads.example', TYPE.A, 'upstream'],
  ['badads.example', TYPE.A, 'upstream'],
  ['blocked.corp.internal', TYPE.A, 'block blocked.corp.internal'],
  ['evil.yourorg.zt.net', TYPE.A, 'block evil.yourorg.zt.net'],
  // TW-1, TW-2, TW-5: a lease is all that is ever said of the name, whatever is asked for.
  ['nas.home.int', TYPE.A, 'lease 100.64.0.4'],
  ['NAS.home.int', TYPE.AAAA, 'lease null'],
  ['nas.home.int', TYPE.HTTPS, 'lease null'],
  ['4.0.64.100.in-addr.arpa', TYPE.PTR, 'lease-name nas.home.int'],
  ['5.0.64.100.in-addr.arpa', TYPE.PTR, 'nowhere'],
  ['server.home.int', TYPE.A, 'upstream'],
  // Local records: in full, by a search domain, alone; and what is not there is nobody else's to know.
  ['Win-A.yourorg.zt.net', TYPE.A, 'local yourorg.zt.net Win-A.yourorg.zt.net'],
  ['win-a', TYPE.A, 'local yourorg.zt.net win-a.yourorg.zt.net'],
  ['win-a.ZTNA', TYPE.AAAA, 'local yourorg.zt.net win-a.yourorg.zt.net'],
  ['nobody.yourorg.zt.net', TYPE.A, 'local yourorg.zt.net nobody.yourorg.zt.net'],
  ['nobody', TYPE.A, 'local yourorg.zt.net nobody.yourorg.zt.net'],
  ['win-a', TYPE.MX, 'local yourorg.zt.net win-a.yourorg.zt.net'],
  ['nobody', TYPE.TXT, 'local yourorg.zt.net nobody.yourorg.zt.net'],
  ['ztna', TYPE.A, 'local yourorg.zt.net ztna.yourorg.zt.net'],
  // The office: the app's name is ours, its neighbours are not.
  ['wiki.corp.example', TYPE.A, 'local corp.example wiki.corp.example'],
  ['wiki.corp.example', TYPE.HTTPS, 'local corp.example wiki.corp.example'],
  ['www.corp.example', TYPE.A, 'upstream'],
  ['chat.APPS.corp.example', TYPE.A, 'local corp.example chat.APPS.corp.example'],
  ['a.b.apps.corp.example', TYPE.A, 'local corp.example a.b.apps.corp.example'],
  ['apps.corp.example', TYPE.A, 'upstream'],
  ['own.apps.corp.example', TYPE.A, 'upstream'],
  ['chat.own.apps.corp.example', TYPE.A, 'upstream'],
  ['corp.example', TYPE.MX, 'upstream'],
  // Hosted zones, the longest first; never forwarded (F7).
  ['internet.intern.netz', TYPE.A, 'hosted internet.intern.netz'],
  ['n1.lab.internet.intern.netz', TYPE.A, 'hosted lab.internet.intern.netz'],
  ['other.internet.intern.netz', TYPE.ANY, 'hosted internet.intern.netz'],
  ['notinternet.intern.netz', TYPE.A, 'upstream'],
  // Private zones by longest suffix, label by label.
  ['wiki.corp.internal', TYPE.A, 'private-zone corp.internal'],
  ['WIKI.EU.corp.INTERNAL', TYPE.A, 'private-zone eu.corp.internal'],
  ['corp.internal', TYPE.NS, 'private-zone corp.internal'],
  ['nas.lan.home.arpa', TYPE.A, 'private-zone lan.home.arpa'],
  ['1.0.0.10.in-addr.arpa', TYPE.PTR, 'private-zone 10.in-addr.arpa'],
  // What means nothing outside is not asked for there.
  ['1.1.168.192.in-addr.arpa', TYPE.PTR, 'nowhere'],
  ['_dns.resolver.arpa', TYPE.SVCB, 'nowhere'],
  ['x.invalid', TYPE.A, 'nowhere'],
  ['abc.onion', TYPE.A, 'nowhere'],
  ['nas.home.arpa', TYPE.A, 'nowhere'],
  ['HOME.arpa', TYPE.NS, 'nowhere'],
  ['home.arpa', 43, 'upstream'],
  ['nas.home.arpa', 43, 'nowhere'],
  ['nothome.arpa', TYPE.A, 'upstream'],
  ['printer.LOCAL', TYPE.AAAA, 'nowhere'],
  ['shop.test', TYPE.HTTPS, 'nowhere'],
  ['names.alt', TYPE.A, 'nowhere'],
  ['notcorp.internal', TYPE.A, 'nowhere'],
  ['internal', TYPE.NS, 'nowhere'],
  ['intranet.office.test', TYPE.A, 'local office.test intranet.office.test'],
  ['www.office.test', TYPE.A, 'nowhere'],
  ['local.example.com', TYPE.A, 'upstream'],
  // network.md §4.1: Firefox leaves DNS to us.
  ['use-application-dns.net', TYPE.A, 'nowhere'],
  ['use-application-dns.NET', TYPE.AAAA, 'nowhere'],
  ['application-dns.net', TYPE.A, 'upstream'],
  ['localhost', TYPE.A, 'loopback'],
  ['com', 43, 'upstream'],
  ['com', 48, 'upstream'],
  ['com', TYPE.NS, 'upstream'],
  ['app.localhost', TYPE.A, 'loopback'],
  ['1.1.1.1.in-addr.arpa', TYPE.PTR, 'upstream'],
  // D4
  ['example.com', TYPE.ANY, 'minimal-any'],
  ['corp.internal', TYPE.AXFR, 'refuse'],
  ['corp.internal', TYPE.IXFR, 'refuse'],
  ['example.com', TYPE.OPT, 'refuse'],
  ['example.com', 65_280, 'upstream'],
];

test('D4 D11 F7 QZ-O1 QZ-O2 QZ-O3 TW-1 TW-5: each question has one plan, by the order of the steps', () => {
  for (const [asked, type, expected] of rows)
    assert.equal(inWords(planFor(question(asked, type), names, true)), expected, `${asked} ${type}`);
});

test('D2: other classes are refused, and without RD nobody is told what others have asked for', () => {
  const chaos = { name: name('version.bind'), type: TYPE.TXT, class: CLASS.CH };
  assert.equal(inWords(planFor(chaos, names, true)), 'refuse');
  assert.equal(inWords(planFor(question('example.com'), names, false)), 'nobody');
  assert.equal(inWords(planFor(question('wiki.corp.internal'), names, false)), 'private-zone corp.internal');
  assert.equal(inWords(planFor(question('example.com'), NO_NAMES, true)), 'nobody');
});

test('F7: a zone of one’s own for a whole special name is asked as it ever was', () => {
  const routes = names.routes
    .slice(0, 1)
    .flatMap((route) =>
      ['home.arpa', 'internal', 'local', 'test', 'alt'].map((each) => ({ ...route, zone: name(each) })),
    );
  const own = { ...names, routes };
  for (const each of ['home.arpa', 'internal', 'local', 'test', 'alt'])
    assert.equal(inWords(planFor(question(`nas.${each}`), own, true)), `private-zone ${each}`);
  assert.equal(inWords(planFor(question('x.invalid'), own, true)), 'nowhere');
});

test('F7: of our own zones the longest that has a name answers, be it local or hosted, and no search ending takes a hosted name', () => {
  const local = (origin: string, covers: 'whole' | 'exact' | 'addresses', ...hosts: string[]) => ({
    zone: zone(
      origin,
      hosts.map((host) => ({ name: host, type: 'A', value: '10.0.0.20' })),
    ),
    ...{ search: [name('netz')], answersSingleLabels: true, covers },
  });
  const own: Names = {
    ...NO_NAMES,
    upstreams,
    local: [
      local('intern.netz', 'whole', 'wiki'),
      local('app.internet.intern.netz', 'addresses', '@'),
      local('exact.netz', 'exact', 'n1.cluster'),
      local('same.netz', 'exact', '@'),
    ],
    hosted: ['internet.intern.netz', 'cluster.exact.netz', 'same.netz', 'gw'].map((each) => {
      return { origin: name(each), zoneFor: () => null };
    }),
  };
  for (const [asked, type, expected] of [
    ['internet.intern.netz', TYPE.A, 'hosted internet.intern.netz'],
    ['n1.internet.intern.netz', TYPE.A, 'hosted internet.intern.netz'],
    ['wiki.intern.netz', TYPE.A, 'local intern.netz wiki.intern.netz'],
    ['app.internet.intern.netz', TYPE.A, 'local app.internet.intern.netz app.internet.intern.netz'],
    ['app.internet.intern.netz', TYPE.MX, 'local app.internet.intern.netz app.internet.intern.netz'],
    ['n1.cluster.exact.netz', TYPE.A, 'hosted cluster.exact.netz'],
    ['same.netz', TYPE.A, 'local same.netz same.netz'],
    ['gw', TYPE.A, 'hosted gw'],
    ['x.gw', TYPE.A, 'hosted gw'],
    ['wiki', TYPE.A, 'local intern.netz wiki.intern.netz'],
  ] as const)
    assert.equal(inWords(planFor(question(asked, type), own, true)), expected, `${asked} ${type}`);
});

test('RFC 4592 §4.2: a wildcard ends where a private zone below it begins; a name written out, and a zone of ours around both, do not', () => {
  const exact: LocalZone = {
    zone: zone('corp.example', [
      { name: '*', type: 'A', value: '10.0.0.20' },
      { name: 'nas.lab', type: 'A', value: '10.0.0.21' },
      { name: '*.test.lab', type: 'A', value: '10.0.0.22' },
    ]),
    ...{ search: [name('ztna')], answersSingleLabels: true, covers: 'exact' },
  };
  const routes = ['example', 'lab.corp.example', 'eu.corp.example'].map((each) => ({
    zone: name(each),
    servers: [endpoint('192.168.1.53', 53)],
    ...{ select: 'all' as const, staleMs: 0 },
  }));
  const own = { ...NO_NAMES, upstreams, local: [exact], routes };
  for (const [asked, expected] of [
    ['host.LAB.corp.example', 'private-zone lab.corp.example'],
    ['eu.corp.example', 'private-zone eu.corp.example'],
    ['a.b.eu.corp.example', 'private-zone eu.corp.example'],
    ['nas.lab.corp.example', 'local corp.example nas.lab.corp.example'],
    ['a.test.lab.corp.example', 'local corp.example a.test.lab.corp.example'],
    ['x.corp.example', 'local corp.example x.corp.example'],
    ['a.x.corp.example', 'local corp.example a.x.corp.example'],
    ['x.ztna', 'local corp.example x.corp.example'],
  ] as const)
    assert.equal(inWords(planFor(question(asked), own, true)), expected, asked);
  const around: LocalZone = { ...exact, zone: zone('example', []), covers: 'whole' };
  const inWhole = planFor(question('host.eu.corp.example'), { ...own, local: [exact, around] }, true);
  assert.equal(inWords(inWhole), 'local corp.example host.eu.corp.example');
});

test('a name is found among ten thousand zones by its endings', () => {
  const local = Array.from({ length: 10_000 }, (_, at) => ({
    zone: zone(`app${at}.corp.example`, [{ name: '@', type: 'A', value: '10.0.0.20' }]),
    search: [],
    answersSingleLabels: false,
    covers: 'exact' as const,
  }));
  const many = { ...NO_NAMES, local, upstreams };
  assert.equal(
    inWords(planFor(question('APP9999.corp.example'), many, true)),
    'local app9999.corp.example APP9999.corp.example',
  );
  assert.equal(inWords(planFor(question('app10000.corp.example'), many, true)), 'upstream');
  assert.equal(inWords(planFor(question('x.app1.corp.example'), many, true)), 'upstream');
});

function inWords(plan: Plan): string {
  switch (plan.kind) {
    case 'block':
      return `block ${plan.rule}`;
    case 'lease':
      return `lease ${plan.address}`;
    case 'lease-name':
      return `lease-name ${nameText(plan.name)}`;
    case 'local':
      return `local ${nameText(plan.local.zone.origin)} ${nameText(plan.name)}`;
    case 'hosted':
      return `hosted ${nameText(plan.hosted.origin)}`;
    case 'private-zone':
      return `private-zone ${nameText(plan.to.zone)}`;
    default:
      return plan.kind;
  }
}

function domains(...list: string[]): DomainSet {
  const builder = buildDomainSet();
  for (const each of list) builder.add(name(each), COVERS.both);
  return builder.finish();
}

function zone(origin: string, lines: ZoneLine[]): Zone {
  const built = buildZone({ origin: name(origin), lines });
  assert.ok(built.kind === 'zone');
  return built.zone;
}
