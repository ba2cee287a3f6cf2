// Programs that others wrote print what we meant: every type of record, odd bytes and long names, by dig and kdig; and what BIND serves is read as dig reads it.
import assert from 'node:assert/strict';
import { execFile } from 'node:child_process';
import { after, type TestContext, test } from 'node:test';
import { promisify } from 'node:util';
import { zoneAnswerer } from './authority.ts';
import { startBind, zoneText } from './bind.testing.ts';
import { createExchange } from './exchange.ts';
import { startDnsServer } from './listen.ts';
import { CLASS, type RecordData, type ResourceRecord, type ServiceParam } from './message.ts';
import { type Name, nameKey, parseName } from './name.ts';
import { address, message, name, question, soa } from './packet.testing.ts';
import { readData, writeData } from './rdata.ts';
import { Reader } from './reader.ts';
import { encode } from './wire.ts';
import { Writer } from './writer.ts';
import type { Zone } from './zone.ts';

const { exchange, close } = createExchange({ ca: () => [], now: Date.now });
after(close);

const run = promisify(execFile);
const ORIGIN = 'corp.internal';

/** Each kind of data with what dig and kdig print for it; where they differ, both. */
const printed: Readonly<Record<string, [data: RecordData, text: string, kdig?: string]>> = {
  a: [{ kind: 'a', address: address('192.168.1.20') }, 'A 192.168.1.20'],
  aaaa: [{ kind: 'aaaa', address: address('fd00::1:0:0:20') }, 'AAAA fd00::1:0:0:20'],
  mapped: [{ kind: 'aaaa', address: address('::ffff:192.168.1.20') }, 'AAAA ::ffff:192.168.1.20'],
  cname: [{ kind: 'cname', target: name('Wiki.corp.internal') }, 'CNAME Wiki.corp.internal.'],
  ptr: [{ kind: 'ptr', target: name('wiki.example') }, 'PTR wiki.example.'],
  mx: [{ kind: 'mx', preference: 65535, exchange: name('mail.corp.internal') }, 'MX 65535 mail.corp.internal.'],
  null: [{ kind: 'mx', preference: 0, exchange: [] as unknown as Name }, 'MX 0 .'],
  txt: [
    { kind: 'txt', strings: [text('one two'), text(''), text('\x00"\\;\xff\t')] },
    'TXT "one two" "" "\\000\\"\\\\;\\255\\009"',
  ],
  long: [
    { kind: 'txt', strings: [text('x'.repeat(255)), text('y'.repeat(255))] },
    `TXT "${'x'.repeat(255)}" "${'y'.repeat(255)}"`,
  ],
  srv: [
    { kind: 'srv', priority: 1, weight: 2, port: 443, target: name('wiki.corp.internal') },
    'SRV 1 2 443 wiki.corp.internal.',
  ],
  alias: [
    { kind: 'https', priority: 0, target: name('wiki.corp.internal'), params: [] },
    'HTTPS 0 wiki.corp.internal.',
  ],
  https: [
    {
      kind: 'https',
      priority: 1,
      target: [] as unknown as Name,
      params: params([1, '\x02h2\x02h3'], [3, '\x20\xfb'], [4, '\xc0\xa8\x01\x14']),
    },
    'HTTPS 1 . alpn="h2,h3" port=8443 ipv4hint=192.168.1.20',
    'HTTPS 1 . alpn=h2,h3 port=8443 ipv4hint=192.168.1.20',
  ],
  svcb: [
    {
      kind: 'svcb',
      priority: 2,
      target: name('doh.corp.internal'),
      params: params([0, '\x00\x01'], [1, '\x03dot'], [6, `\xfd${'\0'.repeat(14)}\x01`], [65280, 'a"\xff']),
    },
    'SVCB 2 doh.corp.internal. mandatory=alpn alpn="dot" ipv6hint=fd00::1 key65280="a\\"\\255"',
    'SVCB 2 doh.corp.internal. mandatory=alpn alpn=dot ipv6hint=fd00::1 key65280="a\\"\\255"',
  ],
  unknown: [{ kind: 'unknown', type: 65280, bytes: text('\x00\xffabc') }, 'TYPE65280 \\# 5 00FF616263'],
  empty: [{ kind: 'unknown', type: 65281, bytes: text('') }, 'TYPE65281 \\# 0'],
  caa: [{ kind: 'unknown', type: 257, bytes: text('\x80\x05issueca.example') }, 'CAA 128 issue "ca.example"'],
  hinfo: [{ kind: 'unknown', type: 13, bytes: text('\x03ARM\x02OS') }, 'HINFO "ARM" "OS"'],
};

for (const program of ['dig', 'kdig'] as const) {
  test(`${program} prints every type of record as we meant it, by UDP and by TCP`, async (t) => {
    const ask = await asking(
      t,
      program,
      Object.entries(printed).map(([label, [data]]) => [name(`${label}.${ORIGIN}`), data]),
    );
    for (const [label, [, dig, kdig = dig]] of Object.entries(printed)) {
      const wanted = program === 'dig' ? dig : kdig;
      const type = wanted.slice(0, wanted.indexOf(' '));
      for (const flags of [[], ['+tcp']])
        assert.deepEqual(await ask(`${label}.${ORIGIN}`, type, ...flags), [`${label}.${ORIGIN}. 60 IN ${wanted}`]);
    }
  });

  test(`${program} finds names of any bytes and of any length, in the case that it asked for`, async (t) => {
    const longest = `${Array.from({ length: 3 }, () => 'x'.repeat(63)).join('.')}.${'y'.repeat(47)}.${ORIGIN}`;
    assert.equal(encode(message({ questions: [question(longest)] })).length, 12 + 255 + 4);
    const owners = [
      `a\\.b.${ORIGIN}`,
      `with\\032blank.${ORIGIN}`,
      `\\255\\000\\007.${ORIGIN}`,
      `\\@\\;\\(\\".${ORIGIN}`,
      longest,
    ];
    const ask = await asking(
      t,
      program,
      owners.map((owner) => [name(owner), { kind: 'a', address: address('192.168.1.20') }]),
    );
    for (const owner of owners) {
      const [line = ''] = await ask(owner, 'A');
      const [printedOwner = '', ...rest] = line.split(' ');
      assert.deepEqual(parseName(printedOwner), name(owner), line);
      assert.deepEqual(rest.join(' '), '60 IN A 192.168.1.20');
    }
    assert.deepEqual(await ask(longest.toUpperCase(), 'A', ...(program === 'kdig' ? ['+noidn'] : [])), [
      `${longest.toUpperCase()}. 60 IN A 192.168.1.20`,
    ]);
  });
}

/** A zone file's lines of every type that has a meaning of its own in Debian's BIND. */
const everyType = `
t A 192.168.1.20
t AAAA fd00::20
t MX 10 mail.corp.internal.
t MX 20 .
t TXT "one" "" "\\000\\"\\255"
t SRV 1 2 443 wiki
t PTR wiki.example.
t HTTPS 1 . alpn="h2,h3" port=8443 ipv4hint=192.168.1.20
t SVCB 2 doh mandatory=alpn alpn="dot" ipv6hint=fd00::1 key65280="abc"
t MB mail
t MG list
t MR mail.corp.internal.
t MINFO hostmaster errors.example.
t CAA 128 issue "ca.example"
t HINFO "ARM" "OS"
t RP hostmaster about
t AFSDB 1 afs
t NAPTR 100 50 "s" "http" "" _http._tcp
t LOC 52 22 23.000 N 4 53 32.000 E -2.00m 0.00m 10000m 10m
t SSHFP 4 2 123456789abcdef67890123456789abcdef67890123456789abcdef123456789
t TLSA 3 1 1 d2abde240d7cd3ee6b4b28c54df034b97983a1d16e8a410e4561cb106618e971
t URI 10 1 "https://wiki.corp.internal/"
t DNAME elsewhere.example.
t OPENPGPKEY AQMFCQ==
t TYPE65280 \\# 5 00ff616263
alias CNAME t`;

test('every type of record that BIND serves is read as dig reads it, and written as it is on the wire', async (t) => {
  const bind = await startBind({ zones: { [ORIGIN]: zoneText(ORIGIN, everyType) } });
  t.after(() => bind.stop());
  const types = new Set(
    everyType
      .trim()
      .split('\n')
      .map((line) => line.split(' ')[1] ?? ''),
  );
  const asked = [...[...types].map((type) => ['t', type]), ['alias', 'CNAME'], ['@', 'SOA'], ['@', 'NS']].filter(
    ([owner, type]) => owner !== 't' || type !== 'CNAME',
  );
  for (const [owner = '', type = ''] of asked) {
    const host = owner === '@' ? ORIGIN : `${owner}.${ORIGIN}`;
    const flags = ['+noall', '+answer', '+unknownformat', '+tries=1'];
    const { stdout } = await run('dig', ['@127.0.0.1', '-p', String(bind.port), ...flags, host, type]);
    const lines = stdout
      .trim()
      .split('\n')
      .map((line) => /TYPE(\d+)\s+\\# \d+(.*)$/.exec(line));
    const wire = lines.map((line) => ({
      type: Number(line?.[1]),
      bytes: Buffer.from((line?.[2] ?? '').replaceAll(' ', ''), 'hex'),
    }));
    const result = await exchange(bind, question(host, wire[0]?.type), { timeoutMs: 2_000 });
    assert.ok(result.kind === 'answered' && result.message.answers.length > 0, type);
    const ours = result.message.answers.map(({ data }) => data);
    const theirs = wire.map((each) => readData(new Reader(each.bytes), each.type, CLASS.IN, each.bytes.length));
    assert.deepEqual(sorted(ours), sorted(theirs), type);
    for (const data of ours) {
      const writer = new Writer();
      writeData(writer, data);
      // The two names of an SOA share their zone, which a message says once.
      if (data.kind !== 'soa')
        assert.ok(
          wire.some(({ bytes }) => writer.finish().equals(bytes)),
          type,
        );
    }
  }
  assert.equal(asked.length, 27);
});

function sorted(list: readonly RecordData[]): RecordData[] {
  const key = (data: RecordData) => JSON.stringify(data);
  return [...list].sort((one, other) => (key(one) < key(other) ? -1 : 1));
}

function text(bytes: string): Uint8Array {
  return Buffer.from(bytes, 'latin1');
}

function params(...list: [key: number, value: string][]): ServiceParam[] {
  return list.map(([key, value]) => ({ key, value: text(value) }));
}

/** Serves the records; gives a function that resolves with the lines of an answer, blanks between fields made one. */
async function asking(t: TestContext, program: 'dig' | 'kdig', records: readonly [Name, RecordData][]) {
  const nodes = new Map<string, ResourceRecord[]>();
  for (const [owner, data] of records)
    nodes.set(nameKey(owner), [
      ...(nodes.get(nameKey(owner)) ?? []),
      { name: owner, class: CLASS.IN, ttlSeconds: 60, data },
    ]);
  const zone: Zone = { origin: name(ORIGIN), soa: soa(ORIGIN, 5), nodes };
  const server = await startDnsServer({ address: address('127.0.0.1'), port: 0, answer: zoneAnswerer(() => [zone]) });
  t.after(() => server.close());
  return async (asked: string, type: string, ...flags: string[]) => {
    const { stdout } = await run(program, [
      '@127.0.0.1',
      '-p',
      String(server.port),
      '+noall',
      '+answer',
      program === 'dig' ? '+tries=1' : '+retry=0',
      ...flags,
      asked,
      type,
    ]);
    return stdout
      .trim()
      .split('\n')
      .map((line) => line.replace(/^(\S+)\s+(\d+)\s+(\S+)\s+(\S+)\s+/, '$1 $2 $3 $4 '));
  };
}
