// What the nameserver answers by is its file, its lists and this Foyer's own names, each in its place.
import assert from 'node:assert/strict';
import { test } from 'node:test';
import { CLASS, TYPE } from '#server/dns/message.ts';
import { nameText } from '#server/dns/name.ts';
import { type Names, NO_DOMAINS } from '#server/dns/names.ts';
import { endpoint, name } from '#server/dns/packet.testing.ts';
import { planFor } from '#server/dns/plan.ts';
import { lookupZone } from '#server/dns/zone.ts';
import { type NameserverFile, readNameserverFile } from './file.ts';
import { machineZone } from './machine-zone.ts';
import { composeNames, type NameSources } from './names.ts';

function file(input: object): NameserverFile {
  const read = readNameserverFile(JSON.stringify(input), '/');
  assert.ok(read.kind === 'file', JSON.stringify(read));
  return read.file;
}

function compose(input: object, more: Partial<NameSources> = {}) {
  return composeNames({
    file: file(input),
    lists: { allow: NO_DOMAINS, block: NO_DOMAINS },
    gatewayHosts: [name('portal.corp.example'), name('wiki.corp.example')],
    gateway: null,
    machines: [],
    hosted: [],
    systemServers: [endpoint('192.0.2.53', 53)],
    ...more,
  });
}

test('inside, what leads to the gateway has the inside addresses and nothing that leads elsewhere', () => {
  const { local } = compose({
    gateway: { inside: ['10.0.0.20', 'fd00::20'], names: ['WIKI.corp.example', 'x.example'] },
  });
  assert.deepEqual(local.map(({ zone }) => nameText(zone.origin)).sort(), [
    'portal.corp.example',
    'wiki.corp.example',
    'x.example',
  ]);
  for (const { zone, covers, search, answersSingleLabels } of local) {
    assert.deepEqual([covers, search, answersSingleLabels], ['addresses', [], false]);
    const answers = ([TYPE.A, TYPE.AAAA] as const).map((type) => lookupZone(zone, zone.origin, type));
    assert.ok(answers.every((answer) => answer.kind === 'success' && answer.records.length === 1));
    for (const type of [TYPE.HTTPS, TYPE.SVCB, TYPE.MX, TYPE.TXT])
      assert.equal(lookupZone(zone, zone.origin, type).kind, 'no-data');
  }
});

test('inside, what a name has beside its addresses is asked for where the rest of its zone is; where nobody is asked, it has none', () => {
  const inside = { gateway: { inside: ['10.0.0.20'], names: ['corp.example', 'wiki.corp.internal'] } };
  const kinds = (names: Names, text: string, types: readonly number[]) =>
    types.map((type) => {
      const plan = ask(names, text, type);
      return 'beside' in plan && plan.beside ? `${plan.kind} beside ${nameText(plan.beside.zone.origin)}` : plan.kind;
    });
  const leading = [TYPE.A, TYPE.AAAA, TYPE.CNAME, TYPE.HTTPS, TYPE.SVCB, TYPE.ANY];
  const others = [TYPE.MX, TYPE.TXT, TYPE.NS, TYPE.SOA];
  const zones = [{ name: 'corp.example', servers: ['10.0.0.53'] }];
  assert.deepEqual(new Set(kinds(compose(inside), 'corp.example', leading)), new Set(['local']));
  assert.deepEqual(new Set(kinds(compose(inside), 'CORP.example', others)), new Set(['upstream beside corp.example']));
  assert.deepEqual(
    new Set(kinds(compose({ ...inside, zones }), 'wiki.corp.example', others)),
    new Set(['private-zone beside wiki.corp.example']),
  );
  assert.deepEqual(new Set(kinds(compose({ ...inside, upstreams: [] }), 'corp.example', others)), new Set(['local']));
  assert.deepEqual(new Set(kinds(compose(inside), 'wiki.corp.internal', others)), new Set(['local']));
  assert.deepEqual(kinds(compose(inside), 'x.corp.example', [TYPE.MX]), ['upstream']);
});

test('with addresses of one family the other family has none', () => {
  const [{ zone } = assert.fail()] = compose({ gateway: { inside: ['10.0.0.20'] } }).local;
  assert.equal(lookupZone(zone, zone.origin, TYPE.AAAA).kind, 'no-data');
});

test('without the gateway’s inside addresses nobody is led anywhere', () => {
  assert.deepEqual(compose({}).local, []);
});

test('a zone of the file and of the organisation is one zone, in which the file’s word counts', () => {
  const records = (lines: object[]) => ({ records: [{ zone: 'acme.zt.net', lines }] });
  const machines = file(
    records([
      { name: 'Win-A', type: 'A', value: '100.64.0.1' },
      { name: 'Win-B', type: 'A', value: '100.64.0.2' },
    ]),
  ).records;
  const { local } = compose(
    records([
      { name: 'win-a', type: 'A', value: '10.0.0.9' },
      { name: 'printer.win-b', type: 'TXT', value: 'on the way' },
    ]),
    { machines },
  );
  const [zone, ...reverse] = local.map((each) => each.zone);
  assert.ok(zone);
  const addressOf = (text: string) => {
    const answer = lookupZone(zone, name(text), TYPE.A);
    return answer.kind === 'success' ? answer.records.map(({ data }) => (data.kind === 'a' ? data.address : '')) : [];
  };
  assert.deepEqual(addressOf('win-a.acme.zt.net'), ['10.0.0.9']);
  assert.deepEqual(addressOf('win-b.acme.zt.net'), ['100.64.0.2']);
  assert.deepEqual(reverse.map(({ origin }) => nameText(origin)).sort(), [
    '0.0.10.in-addr.arpa',
    '0.64.100.in-addr.arpa',
  ]);
});

test('a zone of the file takes no machine’s short name: the first zone that has a name answers, and that none has it the first of all', () => {
  const machines = file({
    records: [{ zone: 'acme.zt.net', lines: ['Win-A', 'both'].map((each) => ({ name: each, ...A64 })) }],
  }).records;
  const office = { zone: 'office.lan', lines: ['printer', 'both', 'x.Win-A'].map((each) => ({ name: each, ...A10 })) };
  const told = (names: Names, text: string) => {
    const plan = ask(names, text);
    return plan.kind === 'local' ? nameText(plan.name) : plan.kind;
  };
  const names = compose({ records: [office] }, { machines });
  for (const [asked, expected] of [
    ['Win-A', 'Win-A.acme.zt.net'],
    ['win-a.ZTNA', 'win-a.acme.zt.net'],
    ['printer', 'printer.office.lan'],
    ['printer.ztna', 'printer.office.lan'],
    ['both', 'both.office.lan'],
    ['nobody', 'nobody.office.lan'],
    ['nobody.ztna', 'nobody.office.lan'],
    ['Win-A.office.lan', 'Win-A.office.lan'],
  ] as const)
    assert.equal(told(names, asked), expected, asked);
  const all = compose({ records: [{ zone: 'star.lan', lines: [{ name: '*', ...A10 }] }] }, { machines });
  assert.equal(told(all, 'Win-A'), 'Win-A.acme.zt.net');
  assert.equal(told(all, 'anything'), 'anything.star.lan');
  const stars = ['one.lan', 'two.lan'].map((zone) => ({ zone, lines: [{ name: '*', ...A10 }] }));
  const three = compose({ records: [...stars, office] });
  for (const asked of ['printer', 'printer.ztna']) assert.equal(told(three, asked), 'printer.office.lan', asked);
  for (const asked of ['other', 'other.ztna']) assert.equal(told(three, asked), 'other.one.lan', asked);
});

test('plain text is asked only where the file allows it, and nobody at all where it names no upstream', () => {
  assert.equal(compose({}).upstreams?.plaintextFallback, null);
  assert.deepEqual(compose({ allowPlaintextFallback: true }).upstreams?.plaintextFallback, [
    endpoint('192.0.2.53', 53),
  ]);
  assert.equal(compose({ upstreams: [] }).upstreams, null);
});

test('B5: a host of the greatest length is answered for as any other', () => {
  const longest = [...Array.from({ length: 3 }, () => 'a'.repeat(63)), 'b'.repeat(53), 'example'].join('.');
  assert.equal(longest.length, 253);
  const { local } = compose({ gateway: { inside: ['10.0.0.20'] } }, { gatewayHosts: [name(longest)] });
  const found = local[0] && lookupZone(local[0].zone, name(longest), TYPE.A);
  assert.equal(found?.kind === 'success' && found.records.length, 1);
});

test('a registered machine’s address leads back to its name; another one of the range to nothing, and is asked for nowhere', () => {
  const zone = machineZone({
    ...{ version: 'v', zone: 'acme.zt.net', search: [], ttlSeconds: 60, records: [] },
    machines: [{ name: 'Win-A', address: '100.64.0.1' as never }],
  });
  assert.ok(zone.kind === 'zone');
  const names = compose({}, { machines: [zone.zone] });
  const ptr = (text: string) => planFor({ name: name(text), type: TYPE.PTR, class: CLASS.IN }, names, true);
  const found = ptr('1.0.64.100.in-addr.arpa');
  assert.ok(found.kind === 'local');
  const looked = lookupZone(found.local.zone, found.name, TYPE.PTR);
  assert.ok(looked.kind === 'success');
  assert.deepEqual(
    looked.records.map(({ data }) => data.kind === 'ptr' && nameText(data.target)),
    ['Win-A.acme.zt.net'],
  );
  for (const text of ['2.0.64.100', '1.0.65.100', '255.255.127.100', '0.64.100', '64.100'])
    assert.equal(ptr(`${text}.in-addr.arpa`).kind, 'nowhere', text);
  assert.equal(ptr('1.0.128.100.in-addr.arpa').kind, 'upstream', 'addresses of others are others’ to know');
  const without = compose({});
  assert.equal(
    planFor({ name: name('1.0.64.100.in-addr.arpa'), type: TYPE.PTR, class: CLASS.IN }, without, true).kind,
    'nowhere',
  );
});

const A64 = { type: 'A', value: '100.64.0.1' };
const A10 = { type: 'A', value: '10.0.0.9' };
const CLUSTER = { gateway: name('gw.example'), gatewayHosts: [name('gw.example'), name('wiki.corp.example')] };
const INSIDE = { gateway: { inside: ['10.0.0.20', '10.0.0.21'] } };
const ask = (names: Names, text: string, type: number = TYPE.A) =>
  planFor({ name: name(text), type, class: CLASS.IN }, names, true);

test('TG-C3: where the gateway’s name is a cluster’s, the cluster answers for it, and apps inside are aliases of it and nothing else', () => {
  const hosted = [{ origin: name('gw.example'), zoneFor: () => null }];
  const names = compose(INSIDE, { ...CLUSTER, hosted });
  assert.equal(ask(names, 'gw.example').kind, 'hosted');
  for (const type of [TYPE.A, TYPE.AAAA, TYPE.HTTPS, TYPE.MX, TYPE.TXT, TYPE.NS, TYPE.SOA]) {
    const plan = ask(names, 'wiki.corp.example', type);
    assert.ok(plan.kind === 'local', `${plan.kind} ${type}`);
    const found = lookupZone(plan.local.zone, plan.name, type);
    assert.ok(found.kind === 'success' && found.leftAt !== null);
    assert.deepEqual([nameText(found.leftAt), found.chain.length, found.records.length], ['gw.example', 1, 0]);
  }
});

test('TG-C3: a cluster that the file forwards to its load balancers is led to as well', () => {
  const names = compose({ ...INSIDE, zones: [{ name: 'gw.example', servers: ['10.0.0.53'] }] }, CLUSTER);
  assert.equal(ask(names, 'gw.example').kind, 'private-zone');
  const plan = ask(names, 'wiki.corp.example');
  assert.ok(plan.kind === 'local');
  assert.equal(lookupZone(plan.local.zone, plan.name, TYPE.A).kind, 'success');
});

test('a private zone around an app’s name does not take it from the gateway', () => {
  const names = compose({ ...INSIDE, zones: [{ name: 'corp.example', servers: ['10.0.0.53'] }] }, CLUSTER);
  for (const text of ['wiki.corp.example', 'gw.example']) {
    const plan = ask(names, text);
    const found = plan.kind === 'local' && lookupZone(plan.local.zone, plan.name, TYPE.A);
    assert.ok(found && found.kind === 'success');
    assert.equal(found.records.length, 2);
  }
});
