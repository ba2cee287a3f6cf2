// The promises of the demo's own authority: openssl and Node's TLS accept what it issues, for its own parent's names alone.
import assert from 'node:assert/strict';
import { execFileSync } from 'node:child_process';
import { X509Certificate } from 'node:crypto';
import { once } from 'node:events';
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import type { AddressInfo } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { type TestContext, test } from 'node:test';
import { connect, createServer } from 'node:tls';
import { type Hostname, parseHostname } from '#server/core/hostname.ts';
import { createAuthority, issueCertificate } from './authority.ts';

const NOW = Date.now();
const DAY_MS = 24 * 60 * 60_000;

test('a certificate of the authority proves every name that it was issued for', async () => {
  const authority = await createAuthority('Test authority', name('localhost'), NOW);
  const names = [name('portal.localhost'), name('wiki.corp.localhost')] as const;
  const { certPem } = await issueCertificate(authority, names, NOW);
  const leaf = new X509Certificate(certPem);
  const issuer = new X509Certificate(authority.certPem);
  assert.ok(issuer.ca && leaf.checkIssued(issuer) && leaf.verify(issuer.publicKey));
  for (const each of names) assert.equal(leaf.checkHost(each), each);
  assert.equal(leaf.checkHost('other.corp.localhost'), undefined);
  assert.ok(Date.parse(leaf.validTo) - NOW <= 397 * DAY_MS);
});

test('openssl refuses a name outside the authority’s parent, whoever trusts the authority', async (t) => {
  const folder = temporary(t);
  const authority = await createAuthority('Test authority', name('localhost'), NOW);
  writeFileSync(join(folder, 'ca.pem'), authority.certPem);
  const verify = async (host: string) => {
    const { certPem } = await issueCertificate(authority, [name(host)], NOW);
    writeFileSync(join(folder, 'leaf.pem'), certPem);
    const args = ['verify', '-x509_strict', '-CAfile', join(folder, 'ca.pem'), join(folder, 'leaf.pem')];
    return execFileSync('openssl', args, { encoding: 'utf8', stdio: 'pipe' });
  };
  assert.match(await verify('wiki.corp.localhost'), /: OK/);
  await assert.rejects(verify('bank.example'), /permitted subtree violation/);
});

test('a TLS client that trusts the authority connects, and one that does not refuses', async (t) => {
  const authority = await createAuthority('Test authority', name('localhost'), NOW);
  const { certPem, keyPem } = await issueCertificate(authority, [name('wiki.corp.localhost')], NOW);
  const server = createServer({ cert: certPem, key: keyPem }, (socket) => socket.end('hello'));
  server.listen(0, '127.0.0.1');
  await once(server, 'listening');
  t.after(() => server.close());
  const { port } = server.address() as AddressInfo;
  const options = { host: '127.0.0.1', port, servername: 'wiki.corp.localhost' };
  const trusting = connect({ ...options, ca: authority.certPem });
  await once(trusting, 'secureConnect');
  trusting.destroy();
  const [error] = await once(connect(options), 'error').catch((cause: Error) => [cause]);
  assert.match(error.code, /UNABLE_TO_VERIFY_LEAF_SIGNATURE|SELF_SIGNED/);
});

function name(text: string): Hostname {
  const hostname = parseHostname(text);
  assert.ok(hostname);
  return hostname;
}

function temporary(t: TestContext): string {
  const folder = mkdtempSync(join(tmpdir(), 'foyer-authority-'));
  t.after(() => rmSync(folder, { recursive: true }));
  return folder;
}
