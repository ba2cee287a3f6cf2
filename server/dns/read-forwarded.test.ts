// The promise of what is passed on: only what answers the question, for as long as it may be kept, and nothing from outside that leads inside.
import assert from 'node:assert/strict';
import { test } from 'node:test';
import { addressBytes } from '#server/core/address.ts';
import { isPrivate } from '#server/core/check-address.ts';
import { type Message, RCODE, type ResourceRecord, TYPE, typeOf } from './message.ts';
import { nameText } from './name.ts';
import { a, address, alias, message, name, question, record, soa } from './packet.testing.ts';
import { type ReadRules, readForwarded } from './read-forwarded.ts';

const outside: ReadRules = { mayBePrivate: false, dnssecOk: false, isProven: true, mayLeadOn: false };
const inside: ReadRules = { mayBePrivate: true, dnssecOk: false, isProven: true, mayLeadOn: false };

test('D6: aliases that lead to the answer stay, and whatever else a server adds is gone', () => {
  const read = readForwarded(
    message({
      answers: [
        a('other.example', '198.51.100.9'),
        alias('www.example', 'cdn.example', 300),
        a('cdn.example', '198.51.100.1', 60),
        a('cdn.example', '198.51.100.2', 60),
        record('www.example', { kind: 'ns', target: name('ns.evil.example') }),
      ],
      authorities: [record('example', { kind: 'ns', target: name('ns.evil.example') }), soa('example', 60)],
      additionals: [a('ns.evil.example', '198.51.100.66')],
    }),
    question('WWW.example'),
    outside,
  );
  assert.ok(read.kind === 'reply');
  assert.deepEqual(read.answers.map(inWords), [
    'WWW.example 300 cname cdn.example',
    'cdn.example 60 a 198.51.100.1',
    'cdn.example 60 a 198.51.100.2',
  ]);
  assert.deepEqual(read.authorities, []);
  assert.equal(read.ttlSeconds, 60);
});

test('D6: circles and chains of a thousand aliases are refused', () => {
  const circle = [alias('a.example', 'b.example'), alias('b.example', 'A.example')];
  const chain = Array.from({ length: 1_000 }, (_, at) => alias(`a${at}.example`, `a${at + 1}.example`));
  assert.equal(kindOf({ answers: circle }, 'a.example'), 'alias-loop');
  assert.equal(kindOf({ answers: chain }, 'a0.example'), 'alias-loop');
  assert.equal(kindOf({ answers: [...chain.slice(0, 16), a('a16.example', '198.51.100.1')] }, 'a0.example'), 'reply');
  assert.equal(kindOf({ rcode: RCODE.SERVFAIL }, 'a.example'), 'server-failure');
  assert.equal(kindOf({ rcode: RCODE.REFUSED }, 'a.example'), 'server-refused');
});

test('a referral is no absence: only who would know is said, so the next server is asked', () => {
  const ns = record('eu.example', { kind: 'ns', target: name('ns.eu.example') });
  assert.equal(kindOf({ authorities: [ns] }, 'a.eu.example'), 'lame');
  assert.equal(kindOf({ authorities: [ns], recursionAvailable: true }, 'a.eu.example'), 'lame');
  assert.equal(kindOf({ authorities: [ns], isAuthoritative: true }, 'a.eu.example'), 'reply');
  assert.equal(kindOf({ authorities: [ns, soa('example', 60)] }, 'a.eu.example'), 'reply');
  assert.equal(kindOf({ authorities: [ns], answers: [a('a.eu.example', '198.51.100.1')] }, 'a.eu.example'), 'reply');
  assert.equal(
    kindOf({ authorities: [ns], answers: [alias('a.eu.example', 'b.eu.example')] }, 'a.eu.example'),
    'reply',
  );
  assert.equal(kindOf({ authorities: [ns], rcode: RCODE.NXDOMAIN }, 'a.eu.example'), 'reply');
  assert.equal(kindOf({}, 'a.eu.example'), 'reply');
});

test('D9: absence is kept for what its own zone says, five minutes at most; from anybody else for a second', () => {
  const absent = (authorities: ResourceRecord[]) => {
    const read = readForwarded(message({ rcode: RCODE.NXDOMAIN, authorities }), question('no.corp.example'), outside);
    return read.kind === 'reply' ? read.ttlSeconds : read.reason;
  };
  assert.equal(absent([soa('corp.example', 60)]), 60);
  assert.equal(absent([soa('corp.example', 86_400, 86_400)]), 300);
  assert.equal(absent([soa('other.example', 60)]), 1);
  assert.equal(absent([]), 1);
});

test('D9: an absence is told for no longer than it is kept, by its SOA and by what proves it', () => {
  const proof = [nsec('a.corp.example', 86_400), signature('a.corp.example', NSEC, 'corp.example', 86_400)];
  const told = (said: ResourceRecord[], rcode: number) => {
    const parts = { rcode, authorities: [...said, ...proof] };
    const read = readForwarded(message(parts), question('no.corp.example'), { ...outside, dnssecOk: true });
    return read.kind === 'reply' ? read.authorities.map(({ ttlSeconds }) => ttlSeconds) : read.reason;
  };
  for (const rcode of [RCODE.NXDOMAIN, RCODE.NOERROR]) {
    assert.deepEqual(told([soa('corp.example', 86_400, 86_400)], rcode), [300, 300, 300]);
    assert.deepEqual(told([soa('corp.example', 60, 86_400)], rcode), [60, 60, 60]);
    assert.deepEqual(told([soa('corp.example', 86_400, 5)], rcode), [5, 5, 5]);
    assert.deepEqual(told([soa('corp.example', 60, 2 ** 31)], rcode), [1, 1, 1]);
    assert.deepEqual(told([], rcode), [1, 1]);
  }
});

test('D9: TTLs that make no sense are clamped, in what is kept and in what is passed on', () => {
  const answers = [a('x.example', '198.51.100.1', 2 ** 31), a('x.example', '198.51.100.2', 10 ** 9)];
  const read = readForwarded(message({ answers }), question('x.example'), outside);
  assert.ok(read.kind === 'reply');
  assert.deepEqual(
    read.answers.map(({ ttlSeconds }) => ttlSeconds),
    [1, 86_400],
  );
  assert.equal(read.ttlSeconds, 1);
});

test('F6 F3: private addresses from outside are left out, those of a private zone are its own', () => {
  const answers = [a('x.example', '10.0.0.1'), a('x.example', '198.51.100.1')];
  const read = (rules: ReadRules) => {
    const reply = readForwarded(message({ answers }), question('x.example'), rules);
    assert.ok(reply.kind === 'reply');
    return [reply.filtered, ...reply.answers.map(inWords)];
  };
  assert.deepEqual(read(outside), [true, 'x.example 60 a 198.51.100.1']);
  assert.deepEqual(read(inside), [false, 'x.example 60 a 10.0.0.1', 'x.example 60 a 198.51.100.1']);
});

test('F6: a hint that leads inside is left out, with the signature and the proof that it would break, and a public one stays', () => {
  const alpn = { key: 1, value: Uint8Array.of(2, 0x68, 0x32) };
  const four = (...value: number[]) => ({ key: 4, value: Uint8Array.from(value) });
  const six = (text: string) => ({ key: 6, value: addressBytes(address(text)) });
  const read = (params: { key: number; value: Uint8Array }[], rules: ReadRules) => {
    const https = record('x.example', { kind: 'https', priority: 1, target: name('.'), params });
    const answers = [https, signature('x.example', TYPE.HTTPS, 'example')];
    const parts = { answers, authenticData: true };
    const reply = readForwarded(message(parts), question('x.example', TYPE.HTTPS), { ...rules, dnssecOk: true });
    assert.ok(reply.kind === 'reply' && reply.answers[0]?.data.kind === 'https');
    const keys = reply.answers[0].data.params.map(({ key }) => key);
    return [keys.join(), reply.answers.length, reply.authenticData, reply.filtered];
  };
  const whole = [alpn, four(198, 51, 100, 1, 198, 51, 100, 2), six('2620:fe::fe')];
  assert.deepEqual(read(whole, outside), ['1,4,6', 2, true, false]);
  assert.deepEqual(read([alpn, four(10, 0, 0, 1)], outside), ['1', 1, false, true]);
  assert.deepEqual(read([alpn, four(10, 0, 0, 1)], inside), ['1,4', 2, true, false]);
  assert.deepEqual(read([four(198, 51, 100, 1, 10, 0, 0, 1), six('2620:fe::fe')], outside), ['6', 1, false, true]);
  assert.deepEqual(read([four(198, 51, 100, 1), six('::ffff:10.0.0.1')], outside), ['4', 1, false, true]);
  assert.deepEqual(read([alpn, four(198, 51, 100)], outside), ['1', 1, false, true]);
});

test('F6: of a set with an address that leads inside the rest stays, without the signature that it would break', () => {
  const answers = [
    alias('x.example', 'y.example'),
    signature('x.example', TYPE.CNAME, 'example'),
    a('y.example', '10.0.0.1'),
    a('y.example', '198.51.100.1'),
    signature('y.example', TYPE.A, 'example'),
  ];
  const read = readForwarded(message({ answers }), question('x.example'), { ...outside, dnssecOk: true });
  assert.ok(read.kind === 'reply');
  assert.deepEqual(read.answers.map(inWords), [
    'x.example 60 cname y.example',
    'x.example 60 unknown ',
    'y.example 60 a 198.51.100.1',
  ]);
});

test('RFC 4035 §3.1.3.3: what proves a wildcard’s right to answer is passed on to those who check, of zones on the way alone', () => {
  const proof = [nsec('a.example', 40), signature('a.example', NSEC, 'example', 40)];
  const foreign = [nsec('a.evil.test'), signature('a.evil.test', NSEC, 'evil.test')];
  const authorities = [
    record('example', { kind: 'ns', target: name('ns.example') }),
    signature('example', TYPE.NS, 'example'),
    ...proof,
    ...foreign,
    // Outside of the zone that is said to have signed it, without a signature, and without a signer.
    signature('b.test', NSEC, 'example'),
    nsec('unsigned.example'),
    record('c.example', { kind: 'unknown', type: 46, bytes: Uint8Array.of(0, NSEC, 8) }),
  ];
  const answers = [a('x.example', '198.51.100.1', 300), signature('x.example', TYPE.A, 'example', 300)];
  const told = (dnssecOk: boolean) => {
    const read = readForwarded(message({ answers, authorities }), question('x.example'), { ...outside, dnssecOk });
    assert.ok(read.kind === 'reply');
    return [read.authorities, read.ttlSeconds];
  };
  assert.deepEqual(told(true), [proof, 40]);
  assert.deepEqual(told(false), [[], 300]);
});

test('RFC 6672 §5.3: the DNAME that an alias was made of is passed on with its signature to those who check, and no other one', () => {
  const dname = (owner: string, target: Uint8Array) => record(owner, { kind: 'unknown', type: 39, bytes: target });
  const target = Uint8Array.from(Buffer.from('\x03new\x07example\x00', 'latin1'));
  const good = dname('old.example', target);
  const read = (answers: ResourceRecord[], dnssecOk: boolean) => {
    const reply = readForwarded(message({ answers }), question('www.old.example'), { ...outside, dnssecOk });
    assert.ok(reply.kind === 'reply');
    return reply.answers.map(({ data, name: owner }) => `${nameText(owner)} ${typeOf(data)}`).join(', ');
  };
  const rest = [alias('www.old.example', 'www.new.example'), a('www.new.example', '198.51.100.1')];
  const plain = 'www.old.example 5, www.new.example 1';
  const signed = [good, signature('old.example', 39, 'example'), ...rest];
  assert.equal(read(signed, true), `old.example 39, old.example 46, ${plain}`);
  assert.equal(read(signed, false), plain);
  assert.equal(read([signature('old.example', 39, 'example'), ...rest], true), plain);
  for (const other of [
    dname('other.example', target),
    dname('www.old.example', target),
    dname('old.example', Uint8Array.from(Buffer.from('\x04evil\x00', 'latin1'))),
    dname('old.example', Uint8Array.of(0xc0, 12)),
    dname('old.example', Uint8Array.of(...target, 0)),
  ])
    assert.equal(read([other, ...rest], true), plain);
});

test('F6: every notation of an address inside is one', () => {
  const within = ['0.0.0.0', '10.1.2.3', '100.64.0.1', '127.0.0.1', '169.254.169.254', '172.16.0.1', '172.31.255.255'];
  const more = ['192.168.1.1', '224.0.0.1', '255.255.255.255', '::', '::1', '::ffff:10.0.0.1', '64:ff9b::7f00:1'];
  const six = ['fc00::1', 'fd00:ec2::254', 'fe80::1', 'fec0::1', 'ff02::1'];
  const tunnels = [
    '2002:a00:1::1',
    '2002:c0a8:101::',
    '2001:0:a00:1::',
    '2001::f5ff:fffe',
    '64:ff9b:1::a00:1',
    '::ffff:0:7f00:1',
  ];
  for (const text of [...within, ...more, ...six, ...tunnels]) assert.equal(isPrivate(address(text)), true, text);
  const beyond = ['9.9.9.9', '100.63.255.255', '100.128.0.1', '172.15.0.1', '172.32.0.1', '192.167.1.1', '2620:fe::fe'];
  for (const text of [...beyond, '64:ff9b::909:909', '::ffff:9.9.9.9', '2002:909:909::1'])
    assert.equal(isPrivate(address(text)), false, text);
});

test('D6: that signatures were checked is believed of servers that prove their names, and of whole answers', () => {
  const answers = [a('x.example', '198.51.100.1'), a('x.example', '10.0.0.1')];
  const believed = (rules: ReadRules) => {
    const read = readForwarded(message({ answers, authenticData: true }), question('x.example'), rules);
    return read.kind === 'reply' && read.authenticData;
  };
  assert.deepEqual([inside, { ...inside, isProven: false }, outside].map(believed), [true, false, false]);
});

test('signatures and proofs are for those who asked for them', () => {
  const [good, other] = [signature('x.example', TYPE.A, 'example'), signature('x.example', TYPE.TXT, 'example')];
  const answers = [a('x.example', '198.51.100.1'), good, other];
  const count = (dnssecOk: boolean) => {
    const read = readForwarded(message({ answers }), question('x.example'), { ...outside, dnssecOk });
    return read.kind === 'reply' ? read.answers.length : read.reason;
  };
  assert.deepEqual([count(false), count(true)], [1, 2]);
});

const NSEC = 47;

function nsec(owner: string, ttlSeconds?: number): ResourceRecord {
  return record(owner, { kind: 'unknown', type: NSEC, bytes: Uint8Array.of(0) }, ttlSeconds);
}

/** RFC 4034 §3.1. */
function signature(owner: string, type: number, signer: string, ttlSeconds?: number): ResourceRecord {
  const labels = signer.split('.').flatMap((label) => [label.length, ...Buffer.from(label, 'latin1')]);
  const bytes = Uint8Array.of(type >> 8, type & 0xff, 8, ...Array<number>(15).fill(0), ...labels, 0, 1, 2, 3);
  return record(owner, { kind: 'unknown', type: 46, bytes }, ttlSeconds);
}

function kindOf(parts: Partial<Message>, asked: string): string {
  const read = readForwarded(message(parts), question(asked), outside);
  return read.kind === 'reply' ? 'reply' : read.reason;
}

function inWords({ data, name, ttlSeconds }: ResourceRecord): string {
  const value = 'address' in data ? data.address : 'target' in data ? nameText(data.target) : '';
  return `${nameText(name)} ${ttlSeconds} ${data.kind} ${value}`;
}
