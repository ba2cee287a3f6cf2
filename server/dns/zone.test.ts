// The promises of a static zone: what exists, what does not, where aliases lead, and which zones cannot be built.
import assert from 'node:assert/strict';
import { test } from 'node:test';
import { TYPE } from './message.ts';
import { type Name, nameText, parseName } from './name.ts';
import { buildZone, lookupZone, type Zone, type ZoneLine } from './zone.ts';

const zone = built([
  { name: 'wiki', type: 'A', value: '192.168.1.20', ttlSeconds: 1 },
  { name: 'wiki', type: 'A', value: '192.168.1.21', ttlSeconds: 1 },
  { name: 'wiki', type: 'AAAA', value: 'fd00::20' },
  { name: 'docs', type: 'CNAME', value: 'handbook' },
  { name: 'handbook', type: 'CNAME', value: 'wiki.corp.internal.' },
  { name: 'broken', type: 'CNAME', value: 'nowhere' },
  { name: 'away', type: 'CNAME', value: 'www.example.com.' },
  { name: 'deep.under.here', type: 'A', value: '192.168.1.22' },
  { name: '*.apps', type: 'A', value: '192.168.1.23' },
  { name: 'named.apps', type: 'TXT', value: 'not the wildcard' },
  { name: 'branch', type: 'NS', value: 'ns.branch' },
  { name: 'ns.branch', type: 'A', value: '192.168.9.1' },
  { name: 'mail', type: 'MX', value: '10 wiki' },
  { name: '_sip._tcp', type: 'SRV', value: '0 5 5060 wiki' },
  { name: '@', type: 'TXT', value: 'x'.repeat(300) },
]);

test('each question gets what the zone knows', () => {
  const table: [name: string, type: number, expected: string][] = [
    ['wiki.corp.internal', TYPE.A, 'success 192.168.1.20 192.168.1.21'],
    ['WIKI.corp.INTERNAL', TYPE.AAAA, 'success fd00::20'],
    ['wiki.corp.internal', TYPE.TXT, 'no-data'],
    ['docs.corp.internal', TYPE.A, 'success >handbook.corp.internal >wiki.corp.internal 192.168.1.20 192.168.1.21'],
    ['docs.corp.internal', TYPE.CNAME, 'success handbook.corp.internal'],
    ['docs.corp.internal', TYPE.TXT, 'no-data >handbook.corp.internal >wiki.corp.internal'],
    ['broken.corp.internal', TYPE.A, 'no-name >nowhere.corp.internal'],
    ['away.corp.internal', TYPE.A, 'success >www.example.com left www.example.com'],
    ['none.corp.internal', TYPE.A, 'no-name'],
    ['here.corp.internal', TYPE.A, 'no-data'],
    ['under.here.corp.internal', TYPE.A, 'no-data'],
    ['other.under.here.corp.internal', TYPE.A, 'no-name'],
    ['any.apps.corp.internal', TYPE.A, 'success 192.168.1.23'],
    ['any.deeper.apps.corp.internal', TYPE.A, 'success 192.168.1.23'],
    ['any.apps.corp.internal', TYPE.AAAA, 'no-data'],
    ['named.apps.corp.internal', TYPE.A, 'no-data'],
    ['below.named.apps.corp.internal', TYPE.A, 'no-name'],
    ['pc.branch.corp.internal', TYPE.A, 'delegation ns.branch.corp.internal glue 192.168.9.1'],
    ['corp.internal', TYPE.SOA, 'success soa'],
    ['corp.internal', TYPE.A, 'no-data'],
  ];
  for (const [asked, type, expected] of table) assert.equal(told(zone, asked, type), expected, `${asked} ${type}`);
});

test('D9: a negative answer carries the SOA with its negative TTL', () => {
  const found = lookupZone(zone, name('none.corp.internal'), TYPE.A);
  assert.ok(found.kind === 'no-name');
  assert.equal(found.soa.ttlSeconds, 5);
});

test('owners come back in the case of the question', () => {
  const found = lookupZone(zone, name('DoCs.corp.internal'), TYPE.A);
  assert.ok(found.kind === 'success');
  assert.equal(nameText(found.chain[0]?.name ?? ([] as unknown as Name)), 'DoCs.corp.internal');
});

test('aliases beyond what is followed at once go on where it ends', () => {
  const chain = Array.from({ length: 20 }, (_, at) => ({ name: `a${at}`, type: 'CNAME', value: `a${at + 1}` }));
  const found = lookupZone(built(chain), name('a0.corp.internal'), TYPE.A);
  assert.ok(found.kind === 'success' && found.leftAt !== null);
  assert.deepEqual([found.chain.length, nameText(found.leftAt)], [16, 'a16.corp.internal']);
});

test('a zone that could not be served is not built', () => {
  const table: [ZoneLine[], RegExp][] = [
    [[{ name: 'a', type: 'A', value: '1.2.3' }], /no A/],
    [[{ name: 'a', type: 'A', value: 'fd00::1' }], /no A/],
    [[{ name: 'a', type: 'HINFO', value: 'x' }], /no HINFO/],
    [[{ name: 'a..b', type: 'A', value: '1.2.3.4' }], /no name/],
    [[{ name: 'a.example.', type: 'A', value: '1.2.3.4' }], /outside/],
    [[{ name: 'a', type: 'A', value: '1.2.3.4', ttlSeconds: -1 }], /TTL/],
    [[{ name: 'a', type: 'MX', value: '10' }], /no MX/],
    [[{ name: 'a', type: 'SRV', value: '1 2 x wiki' }], /no SRV/],
    [[{ name: '@', type: 'CNAME', value: 'a' }], /CNAME beside/],
    [
      [
        { name: 'a', type: 'CNAME', value: 'b' },
        { name: 'a', type: 'A', value: '1.2.3.4' },
      ],
      /CNAME beside/,
    ],
    [
      [
        { name: 'a', type: 'CNAME', value: 'b' },
        { name: 'b', type: 'CNAME', value: 'A' },
      ],
      /back to itself/,
    ],
    [[{ name: '*.round', type: 'CNAME', value: 'x.round' }], /\*\.round.* back to itself/],
    [
      [
        { name: '*.round', type: 'CNAME', value: 'b' },
        { name: 'b', type: 'CNAME', value: 'x.round' },
      ],
      /back to itself/,
    ],
  ];
  for (const [lines, problem] of table) {
    const result = buildZone({ origin: name('corp.internal'), lines });
    assert.ok(result.kind === 'invalid', JSON.stringify(lines));
    assert.match(result.problem, problem);
  }
});

function told(from: Zone, asked: string, type: number): string {
  const found = lookupZone(from, name(asked), type);
  const chain = found.chain.map(({ data }) => (data.kind === 'cname' ? `>${nameText(data.target)}` : '?'));
  switch (found.kind) {
    case 'success':
      return [
        found.kind,
        ...chain,
        ...found.records.map(({ data }) => shown(data)),
        ...(found.leftAt ? ['left', nameText(found.leftAt)] : []),
      ].join(' ');
    case 'delegation':
      return [
        found.kind,
        ...found.servers.map(({ data }) => shown(data)),
        'glue',
        ...found.glue.map(({ data }) => shown(data)),
      ].join(' ');
    default:
      return [found.kind, ...chain].join(' ');
  }
}

function shown(data: { kind: string; address?: string; target?: Name }): string {
  return data.address ?? (data.target ? nameText(data.target) : data.kind);
}

function built(lines: ZoneLine[]): Zone {
  const result = buildZone({ origin: name('corp.internal'), lines });
  assert.ok(result.kind === 'zone', JSON.stringify(result));
  return result.zone;
}

function name(text: string): Name {
  const parsed = parseName(text);
  assert.ok(parsed);
  return parsed;
}
