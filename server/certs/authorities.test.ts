// The promise of a file of authorities: one that proves nothing is never taken for one.
import assert from 'node:assert/strict';
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { test } from 'node:test';
import { createAuthority } from '../certificates.testing.ts';
import { readAuthorities } from './authorities.ts';

test('authorities are read from PEM alone, and what cannot be used has its reason', async (t) => {
  const folder = mkdtempSync(join(tmpdir(), 'foyer-authorities-'));
  t.after(() => rmSync(folder, { recursive: true }));
  const file = join(folder, 'authorities.pem');
  assert.deepEqual(readAuthorities(file), { kind: 'invalid', why: 'ENOENT' });
  assert.deepEqual(readAuthorities(folder), { kind: 'invalid', why: 'EISDIR' });
  const { pem } = await createAuthority('Ours');
  writeFileSync(file, `${pem}\n${pem}`);
  assert.equal(readAuthorities(file).kind, 'authorities');
  for (const text of ['', 'no certificate\n', pem.replaceAll('M', '!')]) {
    writeFileSync(file, text);
    assert.deepEqual(readAuthorities(file), { kind: 'invalid', why: 'it holds no certificate' }, text);
  }
});
