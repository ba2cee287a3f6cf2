// A secret from a pipe, which may stay open for as long as somebody types.
import assert from 'node:assert/strict';
import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { text } from 'node:stream/consumers';
import { test } from 'node:test';

const PROGRAM = `
import { readSecret } from '#server/cli/read-secret.ts';
process.stdout.write(JSON.stringify(await readSecret(undefined, '')));`;

test('an open pipe that says nothing is asked for in words, on stderr, and what it says at last is the secret', async () => {
  const child = spawn(process.execPath, ['--input-type=module', '--eval', PROGRAM]);
  const told = text(child.stdout);
  const [said] = await once(child.stderr.setEncoding('utf8'), 'data');
  assert.match(said, /^Waiting for the token on standard input, .*--token-file.*ssh -t/);
  child.stdin.end('foyer-token\n');
  assert.deepEqual(JSON.parse(await told), { kind: 'secret', secret: 'foyer-token' });
});
