// docs/apps.md cannot lie where a machine can tell: its headers and claims are those that are sent, and its code verifies them.
import assert from 'node:assert/strict';
import { once } from 'node:events';
import { readFileSync, writeFileSync } from 'node:fs';
import { createServer } from 'node:http';
import type { AddressInfo } from 'node:net';
import { join } from 'node:path';
import { test } from 'node:test';
import { pathToFileURL } from 'node:url';
import { decodeJwt, exportJWK, generateKeyPair, type JWTPayload } from 'jose';
import { IDENTITY_HEADER_FAMILIES } from './core/app.ts';
import type { Session } from './core/identity.ts';
import { AssertionSigner } from './http/assertion.ts';
import { upstreamHeaders } from './http/headers.ts';
import { temporaryFolder } from './testing/program.ts';

const PAGE = readFileSync(join(import.meta.dirname, '../docs/apps.md'), 'utf8');
const PORTAL = 'https://portal.corp.example';
const ORIGIN = 'https://wiki.corp.example';

test('the headers on the page are those that an app is sent', () => {
  const sent = upstreamHeaders(['TE', 'trailers', 'tracestate', 'a=1'], {
    host: 'wiki.corp.example',
    clientAddress: '198.51.100.7',
    scheme: 'https',
    publicAuthority: 'wiki.corp.example',
    supportId: 'ABCDEFGHJKMNP',
    via: 'foyer-12345678',
    assertion: 'a.b.c',
    identity: { identity: SESSION.identity, families: IDENTITY_HEADER_FAMILIES },
    trace: { traceId: '', traceparent: '00', tracestate: 'a=1' },
    receivedOver: '2',
    sentOver: 'h2',
    edits: [],
  });
  const names = sent.filter((_, at) => at % 2 === 0).map((name) => name.toLowerCase());
  const told = [...section('A request').matchAll(/^\| (`[^|]+`) \|/gm), ...section('Who asks').matchAll(FAMILY_ROW)];
  const onPage = told.flatMap(([, cell = '']) => cell.match(/(?<=`)[\w-]+(?=[`:])/g) ?? []);
  assert.deepEqual(onPage.map((name) => name.toLowerCase()).sort(), [...new Set(names)].sort());
});

test('the headers that never arrive are those of the code', () => {
  const source = readFileSync(join(import.meta.dirname, 'core/header-names.ts'), 'utf8');
  const quoted = (text = '') => [...text.matchAll(/'([a-z0-9-]+)'/g)].map(([, name = '']) => name);
  const [, prefixes, reserved, hop] =
    /RESERVED_PREFIXES = \[(.*?)\];.*RESERVED = new Set\(\[(.*?)\]\);.*HOP = new Set\(\[(.*?)\]\);/s.exec(source) ?? [];
  const [, proxied = '', ofConnection = ''] = section('What never arrives').split(/^- /m);
  const told = (text: string) => [...text.matchAll(/`([a-z0-9-]{3,}\*?|te)`/g)].map(([, name = '']) => name);
  assert.deepEqual(
    told(proxied).sort(),
    [...quoted(prefixes).map((prefix) => `${prefix}*`), ...quoted(reserved)].sort(),
  );
  assert.deepEqual(told(ofConnection).sort(), quoted(hop).sort());
});

test('the claims on the page are those of an assertion, and the page’s code verifies it', async (t) => {
  const { privateKey } = await generateKeyPair('ES256', { extractable: true });
  const privateJwk = { ...(await exportJWK(privateKey)), kid: 'one', alg: 'ES256' };
  const { d: _secret, ...publicJwk } = privateJwk;
  const keys = { active: { kid: 'one', privateJwk }, publicJwks: { keys: [publicJwk] } };
  const signer = new AssertionSigner(PORTAL, keys);
  const sign = (origin: string, now = Date.now()) => signer.assertion(SESSION, origin, now, { signed: null });
  const claims = [...section('Who asks').matchAll(/^\| (`[a-z]+`(?:, `[a-z]+`)*) \| (?!`)/gm)].flatMap(
    ([, cell = '']) => cell.match(/[a-z]+/g) ?? [],
  );
  assert.deepEqual(claims.sort(), Object.keys(decodeJwt(sign(ORIGIN))).sort());

  const server = createServer((_, response) => response.end(signer.jwks)).listen(0, '127.0.0.1');
  t.after(() => server.close());
  await once(server, 'listening');
  const whoAsks = await codeOfPage(join(temporaryFolder(t), 'who-asks.mjs'), (server.address() as AddressInfo).port);
  const asked = (assertion?: string) => whoAsks({ headers: { 'foyer-assertion': assertion } });
  assert.equal((await asked(sign(ORIGIN))).sub, SESSION.identity.userId);
  await assert.rejects(asked());
  await assert.rejects(asked(sign('https://board.corp.example')), { claim: 'aud' });
  await assert.rejects(asked(sign(ORIGIN, Date.now() - 10 * 60_000)), { claim: 'exp' });
  await assert.rejects(
    asked(new AssertionSigner('https://other.example', keys).assertion(SESSION, ORIGIN, Date.now(), { signed: null })),
  );
});

type WhoAsks = (request: { headers: Record<string, string | undefined> }) => Promise<JWTPayload>;

/** As it stands there, but for where the key set is. */
async function codeOfPage(file: string, port: number): Promise<WhoAsks> {
  const [, code = ''] = /```js\n(.*?)```/s.exec(PAGE) ?? [];
  assert.ok(code.includes(`${ORIGIN}/.well-known`));
  const here = code
    .replace(`${ORIGIN}/.well-known`, `http://127.0.0.1:${port}/.well-known`)
    .replace("'jose'", JSON.stringify(import.meta.resolve('jose')));
  writeFileSync(file, here);
  const { whoAsks }: { whoAsks: WhoAsks } = await import(pathToFileURL(file).href);
  return whoAsks;
}

const FAMILY_ROW = /^\| `[a-z-]+` \| (`[A-Z][^|]+`) \|/gm;

const SESSION: Session = {
  id: 'session',
  identity: {
    userId: 'ada',
    issuer: 'local',
    subject: 'ada',
    email: 'ada@corp.example',
    name: 'Ada',
    role: 'member',
    groupIds: ['1'],
    groupNames: ['staff'],
    disabled: false,
  },
  kind: 'standard',
  createdAt: 0,
  expiresAt: Number.MAX_SAFE_INTEGER,
  idleTimeoutMs: 60_000,
  lastSeenAt: 0,
  appSignOuts: new Map(),
};

function section(title: string): string {
  const [, text = ''] = PAGE.split(`\n## ${title}\n`);
  return text.split('\n## ')[0] ?? '';
}
