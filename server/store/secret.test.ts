// The promises of the secret key: made once with mode 0600, read in two notations, and a sentence for everything else.
import assert from 'node:assert/strict';
import { randomBytes } from 'node:crypto';
import { chmodSync, readdirSync, statSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { test } from 'node:test';
import { loadSecret } from './secret.ts';
import { temporaryDir } from './testing/temporary-store.ts';

test('B2: without a key one is made, for its owner alone, and found again', (t) => {
  const dataDir = join(temporaryDir(t), 'data');
  const first = loadSecret({ env: {}, dataDir });
  assert.ok(first.kind === 'secret' && first.made === join(dataDir, 'secret.key'));
  assert.equal(statSync(first.made).mode & 0o777, 0o600);
  assert.deepEqual(readdirSync(dataDir), ['secret.key']);
  assert.deepEqual(loadSecret({ env: {}, dataDir }), { kind: 'secret', secret: first.secret, made: null });
  chmodSync(first.made, 0o640);
  const open = loadSecret({ env: {}, dataDir });
  assert.match(open.kind === 'invalid' ? open.sentence : '', /^Others on this machine may read .+ Run `chmod 600 /);
});

test('a key is read from the environment or a file, in base64, base64url or hexadecimal', (t) => {
  const dataDir = temporaryDir(t);
  const secret = randomBytes(32);
  const file = join(dataDir, 'mounted');
  for (const text of [secret.toString('base64'), secret.toString('base64url'), secret.toString('hex').toUpperCase()]) {
    writeFileSync(file, `${text}\n`);
    const expected = { kind: 'secret', secret, made: null };
    assert.deepEqual(loadSecret({ env: { FOYER_SECRET_KEY: text }, dataDir }), expected);
    assert.deepEqual(loadSecret({ env: { FOYER_SECRET_KEY_FILE: file }, dataDir }), expected);
  }
  assert.deepEqual(readdirSync(dataDir), ['mounted']);
});

test('a missing, short, long, made-up or unreadable key refuses the start with a sentence', (t) => {
  const dataDir = temporaryDir(t);
  const table: [Record<string, string>, RegExp][] = [
    [{ FOYER_SECRET_KEY: '' }, /^FOYER_SECRET_KEY is empty\. Make one with/],
    [{ FOYER_SECRET_KEY: randomBytes(31).toString('base64') }, /has 31 bytes and needs 32/],
    [{ FOYER_SECRET_KEY: randomBytes(48).toString('base64') }, /has 48 bytes and needs 32/],
    [{ FOYER_SECRET_KEY: 'pass word' }, /is neither base64 nor hexadecimal/],
    [{ FOYER_SECRET_KEY: Buffer.alloc(32).toString('base64') }, /is no random key/],
    [{ FOYER_SECRET_KEY: Buffer.from('changeme'.repeat(4)).toString('hex') }, /is no random key/],
    [
      { FOYER_SECRET_KEY_FILE: join(dataDir, 'nowhere') },
      /nowhere\) cannot be read \(ENOENT\): name one that Foyer’s user may read\.$/,
    ],
    [{ FOYER_SECRET_KEY: 'x', FOYER_SECRET_KEY_FILE: 'y' }, /are both set/],
  ];
  for (const [env, expected] of table) {
    const loaded = loadSecret({ env, dataDir });
    assert.match(loaded.kind === 'invalid' ? loaded.sentence : '', expected, JSON.stringify(env));
  }
  const broken = loadSecret({ env: {}, dataDir: join(dataDir, '\0') });
  assert.equal(broken.kind, 'invalid');
});
