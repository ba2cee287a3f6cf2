// The promises of certificate files: chosen by SNI, never half-loaded, every mistake a sentence that names the file.
import assert from 'node:assert/strict';
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { type TestContext, test } from 'node:test';
import { type Hostname, parseHostname } from '#server/core/hostname.ts';
import { type Authority, createAuthority, issueCertificate } from './authority.ts';
import { covers, loadCertificates, selectCertificate } from './files.ts';

const DAY_MS = 24 * 60 * 60_000;
const NOW = Date.now();

test('SNI: an exact name before a wildcard, one label for a wildcard, the first for everything else', async (t) => {
  const { pair } = await workshop(t);
  const files = [
    await pair('first', 'portal.corp.test'),
    await pair('wild', '*.corp.test'),
    await pair('exact', 'wiki.corp.test'),
  ];
  const loaded = loadCertificates(files, NOW);
  assert.equal(loaded.kind, 'loaded');
  if (loaded.kind !== 'loaded') return;
  const table: [string | null, string][] = [
    ['portal.corp.test', 'first'],
    ['wiki.corp.test', 'exact'],
    ['WIKI.Corp.Test.', 'exact'],
    ['ops.corp.test', 'wild'],
    ['a.b.corp.test', 'first'],
    ['corp.test', 'first'],
    ['other.test', 'first'],
    [null, 'first'],
  ];
  for (const [asked, expected] of table) {
    const chosen = selectCertificate(loaded.certificates, asked === null ? null : name(asked));
    assert.match(chosen.file, new RegExp(`${expected}\\.pem$`), String(asked));
  }
});

test('H8: a certificate covers its own names and one label of its wildcards', async (t) => {
  const { pair } = await workshop(t);
  const loaded = loadCertificates([await pair('a', '*.corp.test', 'portal.test')], NOW);
  assert.ok(loaded.kind === 'loaded');
  const [certificate] = loaded.certificates;
  const covered = ['wiki.corp.test', 'portal.test', 'corp.test', 'a.b.corp.test', 'x.portal.test'].map((host) =>
    covers(certificate, name(host)),
  );
  assert.deepEqual(covered, [true, true, false, false, false]);
});

test('one bad pair refuses them all, each mistake in a sentence that names its file', async (t) => {
  const { folder, pair } = await workshop(t);
  const good = await pair('good', 'a.test');
  const other = await pair('other', 'b.test');
  writeFileSync(join(folder, 'rubbish.pem'), 'no certificate');
  const table: [{ certFile: string; keyFile: string }, RegExp][] = [
    [{ ...good, keyFile: other.keyFile }, /other\.key does not belong to the first certificate in .*good\.pem/],
    [{ ...good, certFile: join(folder, 'none.pem') }, /none\.pem cannot be read \(ENOENT\)/],
    [{ ...good, certFile: join(folder, 'rubbish.pem') }, /rubbish\.pem and its key .* cannot be used/],
    [{ ...good, keyFile: join(folder, 'rubbish.pem') }, /cannot be used/],
  ];
  for (const [bad, expected] of table) {
    const loaded = loadCertificates([good, bad], NOW);
    assert.equal(loaded.kind, 'invalid');
    if (loaded.kind === 'invalid') assert.match(loaded.problems.join('\n'), expected);
  }
});

test('dates and the order of a chain are said as warnings, and the certificate still serves', async (t) => {
  const { authority, pair } = await workshop(t);
  const file = await pair('a', 'a.test');
  const chained = await pair('chained', 'a.test');
  const issued = await issueCertificate(authority, [name('a.test')], NOW);
  const stranger = await createAuthority('Stranger', name('test'), NOW);
  writeFileSync(chained.certFile, issued.certPem + stranger.certPem);
  writeFileSync(chained.keyFile, issued.keyPem);
  const warnings = (files: typeof file, now: number) => {
    const loaded = loadCertificates([files], now);
    return loaded.kind === 'loaded' ? loaded.warnings.join('\n') : 'invalid';
  };
  assert.equal(warnings(file, NOW), '');
  assert.match(warnings(file, NOW + 390 * DAY_MS), /a\.pem expires on .*SIGHUP/);
  assert.match(warnings(file, NOW + 400 * DAY_MS), /a\.pem expired on/);
  assert.match(warnings(file, NOW - DAY_MS), /not valid before .*clock/);
  assert.match(warnings(chained, NOW), /certificate 2 did not issue certificate 1/);
  writeFileSync(chained.certFile, issued.certPem + authority.certPem);
  assert.equal(warnings(chained, NOW), '');
});

type Workshop = {
  folder: string;
  authority: Authority;
  pair(file: string, ...names: string[]): Promise<{ certFile: string; keyFile: string }>;
};

async function workshop(t: TestContext): Promise<Workshop> {
  const folder = mkdtempSync(join(tmpdir(), 'foyer-certs-'));
  t.after(() => rmSync(folder, { recursive: true }));
  const authority = await createAuthority('Test authority', name('test'), NOW);
  return {
    folder,
    authority,
    pair: async (file, ...names) => {
      // A wildcard is no host name, and a certificate may hold one all the same.
      const [first, ...rest] = names.map((each) => each as Hostname);
      assert.ok(first);
      const { certPem, keyPem } = await issueCertificate(authority, [first, ...rest], NOW);
      const files = { certFile: join(folder, `${file}.pem`), keyFile: join(folder, `${file}.key`) };
      writeFileSync(files.certFile, certPem);
      writeFileSync(files.keyFile, keyPem);
      return files;
    },
  };
}

function name(text: string): Hostname {
  const hostname = parseHostname(text);
  assert.ok(hostname);
  return hostname;
}
