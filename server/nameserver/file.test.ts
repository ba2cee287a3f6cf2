// The nameserver's file: what it leaves out is at a safe default, and every mistake gets a sentence with its place.
import assert from 'node:assert/strict';
import { test } from 'node:test';
import { TYPE } from '#server/dns/message.ts';
import { name } from '#server/dns/packet.testing.ts';
import { lookupZone } from '#server/dns/zone.ts';
import { defaultNameserverFile, readNameserverFile } from './file.ts';

function file(input: unknown) {
  const result = readNameserverFile(JSON.stringify(input), '/etc/foyer');
  assert.ok(result.kind === 'file', JSON.stringify(result));
  return result.file;
}

function problems(input: unknown): string {
  const result = readNameserverFile(typeof input === 'string' ? input : JSON.stringify(input), '/etc/foyer');
  assert.ok(result.kind === 'invalid', 'it was taken');
  return result.problems.join('\n');
}

test('without a file: this machine alone, Quad9 by TLS, never plaintext, no open resolver', () => {
  const { listen, upstreams, allowPlaintextFallback, clients, tls, resolved } = defaultNameserverFile();
  assert.deepEqual(listen, [{ address: '127.0.0.53', port: 53, orElse: '127.0.0.1' }]);
  assert.deepEqual(upstreams, [
    { address: '9.9.9.9', port: 853, tlsName: 'dns.quad9.net' },
    { address: '149.112.112.112', port: 853, tlsName: 'dns.quad9.net' },
  ]);
  assert.equal(allowPlaintextFallback, false);
  assert.ok(clients.length > 0 && clients.every(({ prefix }) => prefix > 0));
  assert.deepEqual([tls, resolved], [null, null]);
});

test('everything that the file may say becomes a value; paths are relative to the file', () => {
  const read = file({
    listen: ['10.0.0.53', '[::1]:5353'],
    tls: { listen: ['0.0.0.0'], certificate: 'cert.pem', key: '/keys/key.pem' },
    upstreamCa: 'ca.pem',
    allowPlaintextFallback: true,
    allowPrivate: ['corp.example'],
    zones: [{ name: 'corp.internal', servers: ['10.0.0.1', '[fd00::1]:5353'], select: 'one', serveStaleSeconds: 60 }],
    records: [{ zone: 'acme.zt.net', lines: [{ name: 'Win-A', type: 'A', value: '100.64.0.1' }] }],
    block: { files: ['lists/ads.txt'], names: ['ads.example', '*.tracker.example', 'Bücher.example'] },
    gateway: { inside: ['10.0.0.20', 'fd00::20'], names: ['gw.corp.example'] },
    clients: ['10.0.0.0/8', '192.0.2.7'],
    queriesPerSecond: 100,
    resolved: { link: 'wg0', domains: ['~corp.example'] },
  });
  assert.deepEqual(read.listen, [
    { address: '10.0.0.53', port: 53 },
    { address: '::1', port: 5353 },
  ]);
  assert.deepEqual(read.tls, {
    listen: [{ address: '0.0.0.0', port: 853 }],
    certFile: '/etc/foyer/cert.pem',
    keyFile: '/keys/key.pem',
  });
  assert.equal(read.upstreamCaFile, '/etc/foyer/ca.pem');
  assert.deepEqual(read.block.files, ['/etc/foyer/lists/ads.txt']);
  assert.equal(read.block.names.match(name('a.ads.example')), '*.ads.example');
  assert.equal(read.block.names.match(name('tracker.example')), null);
  assert.equal(read.block.names.match(name('xn--bcher-kva.example')), 'xn--bcher-kva.example');
  assert.deepEqual(read.zones[0], {
    zone: name('corp.internal'),
    servers: [
      { address: '10.0.0.1', port: 53 },
      { address: 'fd00::1', port: 5353 },
    ],
    select: 'one',
    staleMs: 60_000,
  });
  const [records] = read.records;
  assert.ok(records);
  assert.deepEqual(records.search, [name('ztna')]);
  assert.equal(lookupZone(records.zone, name('win-a.acme.zt.net'), TYPE.A).kind, 'success');
  assert.deepEqual(read.clients[1], { address: '192.0.2.7', prefix: 32 });
});

test('every mistake has its place and says what to write instead', () => {
  const cases: [unknown, RegExp][] = [
    ['{ "listen": [ }', /The file is not JSON: .*/],
    ['[]', /The file: .*set of fields/],
    [{ lisen: [] }, /^lisen: There is no such field/],
    [{ listen: [] }, /^listen: Name at least one address/],
    [{ listen: ['localhost:53'] }, /^listen\.0: This is no listening address.*127\.0\.0\.1:53/],
    [{ listen: ['127.0.0.1:0'] }, /^listen\.0: /],
    [{ listen: ['127.0.0.1', '127.0.0.1:53'] }, /^listen\.1: This is listed twice/],
    [{ upstreams: ['dns.quad9.net'] }, /^upstreams\.0: This is no DNS server.*9\.9\.9\.9#dns\.quad9\.net/],
    [{ zones: [{ name: 'corp.internal', servers: [] }] }, /^zones\.0\.servers: Name at least one server/],
    [{ zones: [{ name: '', servers: ['10.0.0.1'] }] }, /^zones\.0\.name: This is no domain/],
    [{ zones: [{ name: 'a.b', servers: ['10.0.0.1'], select: 'any' }] }, /^zones\.0\.select: .*all, one/],
    [
      { records: [{ zone: 'x.y', lines: [{ name: 'a', type: 'A', value: 'fd00::1' }] }] },
      /^records\.0\.lines: a has a value that is no A: fd00::1/,
    ],
    [{ records: [{ zone: 'x.y', lines: [{ name: 'a', type: 'HTTPS', value: '' }] }] }, /^records\.0\.lines\.0\.type: /],
    [{ block: { names: ['fine.example', 'not a name'] } }, /^block\.names\.1: This is no domain/],
    [{ gateway: { inside: [] } }, /^gateway\.inside: Name at least one address/],
    [{ gateway: { inside: ['gw.example'] } }, /^gateway\.inside\.0: This is no IP address/],
    [{ clients: ['10.0.0.1/8'] }, /^clients\.0: This is no address range/],
    [{ resolved: { link: 'a b' } }, /^resolved\.link: This is no network interface/],
    [{ resolved: { link: '--help' } }, /^resolved\.link: This is no network interface/],
    [{ resolved: { link: 'wg0', domains: ['~.', '--interface=eth0'] } }, /^resolved\.domains\.1: This is no domain/],
    [{ tls: { listen: ['0.0.0.0'], certificate: 'c.pem' } }, /^tls\.key: This is missing/],
  ];
  for (const [input, sentence] of cases) assert.match(problems(input), sentence);
});

test('what can hardly be meant is taken and said: names without their final dot, private zones that are never asked, and NS below a zone’s own name', () => {
  const zone = (covers: string) => ({
    zone: 'own.example',
    covers,
    lines: [
      { name: 'rel', type: 'CNAME', value: 'www.other.example' },
      { name: '@', type: 'MX', value: '10 mx.other.example' },
      { name: '_sip._tcp', type: 'SRV', value: '1 2 5060 sip.other.example' },
      { name: 'abs', type: 'CNAME', value: 'www.other.example.' },
      { name: 'near', type: 'CNAME', value: 'www' },
      { name: 'there', type: 'CNAME', value: 'a.lab' },
      { name: 'star', type: 'CNAME', value: 'x.y.apps' },
      { name: 'text', type: 'TXT', value: 'www.other.example' },
      { name: 'a.lab', type: 'A', value: '10.0.0.1' },
      { name: '*.apps', type: 'A', value: '10.0.0.1' },
    ],
  });
  const warnings = (input: object) => {
    const read = readNameserverFile(JSON.stringify(input), '/');
    return read.kind === 'file' ? read.warnings : assert.fail(JSON.stringify(read));
  };
  const relative = [
    'records.0.lines.0: rel leads to www.other.example.own.example, which is not there. For www.other.example itself write www.other.example. with a dot at its end.',
    'records.0.lines.1: @ leads to mx.other.example.own.example, which is not there. For mx.other.example itself write mx.other.example. with a dot at its end.',
    'records.0.lines.2: _sip._tcp leads to sip.other.example.own.example, which is not there. For sip.other.example itself write sip.other.example. with a dot at its end.',
  ];
  const zones = ['LAB.own.example', 'other.example'].map((each) => ({ name: each, servers: ['10.0.0.53'] }));
  assert.deepEqual(warnings({ records: [zone('whole')], zones }), [
    'zones.0: The servers of LAB.own.example are asked for nothing, for own.example under records is whole. Write "covers": "exact" there.',
    ...relative,
  ]);
  assert.deepEqual(warnings({ records: [zone('exact')], zones }), relative);
  const lines = ['@', 'Sub', 'sub', 'x.lab'].map((each, at) => ({ name: each, type: 'NS', value: `ns${at}.sub` }));
  const glue = lines.map((_, at) => ({ name: `ns${at}.sub`, type: 'A', value: '10.0.0.1' }));
  const sentence = (text: string) =>
    `records.0.lines: ${text} has NS, and whoever asks for it or what lies below it is only told of those servers. Leave NS out, name them under zones for ${text}, and write "covers": "exact" here.`;
  assert.deepEqual(
    warnings({ records: [{ zone: 'own.example', lines: [...lines, ...glue] }] }),
    ['Sub.own.example', 'x.lab.own.example'].map(sentence),
  );
  const many = Array.from({ length: 50 }, (_, at) => ({ name: `a${at}`, type: 'CNAME', value: 'x.y' }));
  const said = warnings({ records: [{ zone: 'own.example', lines: many }] });
  assert.deepEqual([said.length, said.at(-1)], [11, 'There are 40 more such places.']);
});

test('all mistakes are said at once', () => {
  assert.equal(problems({ listen: ['x'], clients: ['y'] }).split('\n').length, 2);
});
