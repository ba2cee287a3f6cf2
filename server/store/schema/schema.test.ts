// The promises of the schemas: any value from outside is parsed or answered with sentences, never with a crash.
import assert from 'node:assert/strict';
import { execFileSync } from 'node:child_process';
import { test } from 'node:test';
import fc from 'fast-check';
import type { z } from 'zod';
import { appInput, assignmentsInput } from './app.ts';
import { parseEmail } from './email.ts';
import { parseInput } from './parse-input.ts';
import { providerInput } from './provider.ts';
import { siteInput } from './site.ts';
import { firstAdminInput, groupInput, membersInput, passwordChangeInput, userInput } from './user.ts';

const id = '01a1f944-d5f1-7000-bf90-fdb595bd3bad';
const good: Record<string, [z.ZodType, Record<string, unknown>]> = {
  app: [
    appInput,
    {
      name: 'Wiki',
      description: '',
      category: 'Knowledge',
      support: 'help@corp.example',
      icon: { kind: 'uploaded', sha256: 'ab'.repeat(32) },
      hosts: ['wiki.corp.example'],
      siteId: id,
      upstream: {
        scheme: 'https',
        host: 'wiki.internal',
        port: 443,
        hostHeader: { kind: 'public' },
        tls: { kind: 'system' },
        protocol: 'h2',
        clientCertificate: null,
        replicas: [{ host: '10.0.0.2', port: 80 }],
      },
      traffic: {
        routes: [{ prefix: '/api', upstream: { scheme: 'http', host: 'api.internal', port: 80 } }],
        mapLocation: false,
        mapCookieDomain: false,
        requestHeaders: [{ name: 'X-A', value: '1' }],
        responseHeaders: [{ name: 'Server', value: null }],
        timeouts: { connect: 100, headers: null, idle: 1000 },
        concurrency: { app: 1, person: null },
        healthCheck: { path: '/healthz', everyMs: 1000 },
        maintenance: 'Back soon.',
      },
      identityHeaders: [],
      maxSessionMs: null,
      ownerUserId: null,
    },
  ],
  site: [
    siteInput,
    {
      name: 'Office',
      dnsServers: [
        { address: '10.0.0.53', port: 53 },
        { address: '9.9.9.9', tlsName: 'dns.quad9.net' },
      ],
      zones: [],
      ranges: ['10.0.0.0/8'],
    },
  ],
  user: [userInput, { email: 'ada@corp.example', name: 'Ada', role: 'member', disabled: false, providerId: null }],
  group: [groupInput, { name: 'Engineers' }],
  provider: [providerInput, { name: 'Login', issuer: 'https://login.example', clientId: 'x', scopes: ['openid'] }],
  admin: [firstAdminInput, { email: 'ada@corp.example', name: 'Ada', password: 'long enough' }],
  password: [passwordChangeInput, { current: 'x', next: 'long enough' }],
};

test('M2: nothing from outside makes a schema throw, and every refusal has a sentence', () => {
  const schemas = [...Object.values(good).map(([schema]) => schema), assignmentsInput, membersInput];
  const hostile = fc.anything({ withNullPrototype: true, withBigInt: true, withDate: true, withSparseArray: true });
  fc.assert(
    fc.property(fc.constantFrom(...schemas), hostile, (schema, input) => {
      const parsed = parseInput(schema, input);
      if (parsed.kind === 'parsed') return;
      assert.ok(
        Object.values(parsed.errors).every((sentence) => /^[A-Z“].+[.?]$/s.test(sentence)),
        JSON.stringify(parsed),
      );
    }),
    { numRuns: 3000 },
  );
});

test('M2: what has a length that compares with nothing is refused, not thrown at', () => {
  const length = Object.create(null);
  for (const [name, [schema, input]] of Object.entries(good)) {
    assert.equal(parseInput(schema, { length }).kind, 'invalid', name);
    for (const key of Object.keys(input)) {
      const parsed = parseInput(schema, { ...input, [key]: { length } });
      assert.equal(parsed.kind, 'invalid', `${name}.${key}`);
    }
  }
  assert.equal(parseInput(assignmentsInput, { length }).kind, 'invalid');
});

test('M2: one field of another kind, missing or unknown is refused at its own path', () => {
  for (const [name, [schema, input]] of Object.entries(good)) {
    assert.equal(parseInput(schema, input).kind, 'parsed', name);
    for (const key of Object.keys(input)) {
      for (const wrong of [{ other: 1 }, [[]], Number.POSITIVE_INFINITY, Symbol('x'), 'x'.repeat(2_000_000)]) {
        const parsed = parseInput(schema, { ...input, [key]: wrong });
        assert.ok(parsed.kind === 'invalid', `${name}.${key}`);
        const paths = Object.keys(parsed.errors);
        assert.ok(
          paths.length > 0 && paths.every((path) => path === key || path.startsWith(`${key}.`)),
          `${name}: ${paths}`,
        );
        assert.ok(JSON.stringify(parsed.errors).length < 5000);
      }
    }
    for (const key of ['id', 'role', '__proto__', 'constructor', 'toString', 'x'.repeat(1000)]) {
      if (key in input && key === 'role') continue;
      const parsed = parseInput(schema, JSON.parse(`{${JSON.stringify(input).slice(1, -1)},${JSON.stringify(key)}:1}`));
      assert.ok(parsed.kind === 'invalid', `${name} ${key}`);
    }
  }
});

test('M2: ten thousand levels and a hundred thousand keys are refused quickly', () => {
  let deep: unknown = 1;
  for (let level = 0; level < 10_000; level++) deep = [deep];
  const wide = Object.fromEntries(Array.from({ length: 100_000 }, (_, at) => [`key${at}`, at]));
  for (const [schema] of Object.values(good)) {
    assert.equal(parseInput(schema, deep).kind, 'invalid');
    assert.equal(parseInput(schema, { name: deep }).kind, 'invalid');
    const parsed = parseInput(schema, wide);
    assert.ok(parsed.kind === 'invalid' && Object.keys(parsed.errors).length < 50);
  }
});

test('a DNS server by TLS has port 853 unless it says otherwise, and each bad part has its own sentence', () => {
  const parse = (dnsServers: unknown[]) => parseInput(siteInput, { name: 'Office', dnsServers });
  const parsed = parse([
    { address: '10.0.0.53' },
    { address: '9.9.9.9', tlsName: 'DNS.quad9.net.' },
    { address: '9.9.9.9', port: '8853', tlsName: 'dns.quad9.net' },
  ]);
  assert.ok(parsed.kind === 'parsed');
  assert.deepEqual(parsed.value.dnsServers, [
    { address: '10.0.0.53', port: 53 },
    { address: '9.9.9.9', port: 853, tlsName: 'dns.quad9.net' },
    { address: '9.9.9.9', port: 8853, tlsName: 'dns.quad9.net' },
  ]);
  const again = parse(JSON.parse(JSON.stringify(parsed.value.dnsServers)));
  assert.deepEqual(again, parsed, 'what is stored is read as it was');
  const table: [Record<string, unknown>, path: string, RegExp][] = [
    [{ address: '9.9.9.9', tlsName: '' }, 'tlsName', /behind the #/],
    [{ address: '9.9.9.9', tlsName: '9.9.9.9' }, 'tlsName', /behind the #/],
    [{ address: '9.9.9.9', port: 'x', tlsName: 'dns.quad9.net' }, 'port', /1 to 65535/],
    [{ address: 'dns.quad9.net', tlsName: 'dns.quad9.net' }, 'address', /no IP address/],
  ];
  for (const [server, path, sentence] of table) {
    const refused = parse([server]);
    assert.ok(refused.kind === 'invalid', path);
    assert.match(refused.errors[`dnsServers.0.${path}`] ?? '', sentence);
  }
  const twice = parse([{ address: '9.9.9.9' }, { address: '9.9.9.9', port: 53 }]);
  assert.ok(twice.kind === 'invalid' && /twice/.test(twice.errors['dnsServers.1'] ?? ''));
});

test('U5: a certificate is pasted whole, or by its fingerprint in any usual notation', () => {
  const pem = certificate();
  const tls = (value: unknown) => {
    const [schema, input] = good.app ?? assert.fail();
    const parsed = parseInput(schema as typeof appInput, {
      ...input,
      upstream: { ...(input.upstream as object), tls: value },
    });
    return parsed.kind === 'parsed' ? parsed.value.upstream.tls : null;
  };
  assert.deepEqual(tls({ kind: 'ca', pem: `\n${pem}\n${pem}` }), { kind: 'ca', pem: `${pem.trim()}\n${pem.trim()}\n` });
  const pinned = tls({ kind: 'pinned', sha256: pem });
  assert.ok(pinned?.kind === 'pinned' && /^[0-9a-f]{64}$/.test(pinned.sha256));
  const colons = pinned.sha256.toUpperCase().replace(/..(?=.)/g, '$&:');
  assert.deepEqual(tls({ kind: 'pinned', sha256: colons }), pinned);
  const wrong = [
    '',
    'x',
    pem.slice(0, -30),
    pem.replace('MII', 'AAA'),
    `${pem}\nsomething else`,
    pinned.sha256.slice(1),
  ];
  for (const text of wrong) {
    assert.equal(tls({ kind: 'ca', pem: text }), null, text);
    assert.equal(tls({ kind: 'pinned', sha256: text }), null, text);
  }
});

test('C17: an e-mail has one reading', () => {
  const table: [string, string | null][] = [
    ['Ada@Corp.Example', 'Ada@corp.example'],
    ['ada+wiki@bücher.example', 'ada+wiki@xn--bcher-kva.example'],
    ['ada＠corp.example', 'ada@corp.example'],
    ['a@b@corp.example', null],
    ['a@corp.example,b@corp.example', null],
    ['"a b"@corp.example', null],
    ['a..b@corp.example', null],
    ['.a@corp.example', null],
    ['a@corp.example.', null],
    ['a@[127.0.0.1]', null],
    ['a@127.0.0.1', null],
    ['а@corp.example', null],
    ['a\u200b@corp.example', null],
    ['a\n@corp.example', null],
    ['@corp.example', null],
    ['a@', null],
    [`${'a'.repeat(65)}@corp.example`, null],
  ];
  for (const [text, expected] of table) assert.equal(parseEmail(text)?.email ?? null, expected, JSON.stringify(text));
});

function certificate(): string {
  const args = 'req -x509 -newkey ec -pkeyopt ec_paramgen_curve:P-256 -nodes -days 1 -subj /CN=test -keyout /dev/null';
  return execFileSync('openssl', args.split(' '), { encoding: 'utf8', stdio: ['ignore', 'pipe', 'ignore'] });
}
