// The promise of every command: what keeps it from working is one sentence with what to do, and never a stack.
import assert from 'node:assert/strict';
import { randomBytes } from 'node:crypto';
import { mkdirSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { type TestContext, test } from 'node:test';
import { startProgram, temporaryFolder } from '../testing/program.ts';

test('a folder of this machine’s own files that cannot be used is a sentence, whatever is asked', async (t) => {
  const folder = temporaryFolder(t);
  const file = join(folder, 'file');
  writeFileSync(file, '');
  // Like a file of somebody else, a folder in its place cannot be read.
  mkdirSync(join(folder, 'login.json'));
  const table: [string[], string, string][] = [
    [['status'], folder, 'EISDIR'],
    [['logout'], folder, 'EISDIR'],
    [['login', 'https://portal.example'], folder, 'EISDIR'],
    [['dns', 'query', 'Win-A'], folder, 'EISDIR'],
    [['up'], folder, 'EISDIR'],
    [['up', '--detach'], folder, 'EISDIR'],
    [['up', '--detach'], join(file, 'state'), 'ENOTDIR'],
  ];
  await Promise.all(
    table.map(async ([args, dir, code]) =>
      assert.deepEqual(
        await foyer(t, [...args, '--state-dir', dir]),
        {
          code: 1,
          text: `The folder ${dir} cannot be used (${code}): give it to your user, or name another with --state-dir.`,
        },
        args.join(' '),
      ),
    ),
  );
});

test('B5: no link is made in a store that is damaged, and what to do is said', async (t) => {
  const dataDir = temporaryFolder(t);
  const file = join(dataDir, 'foyer.db');
  writeFileSync(file, 'x'.repeat(8192));
  const env = {
    FOYER_PORTAL_URL: 'http://portal.localhost:8080',
    FOYER_DATA_DIR: dataDir,
    FOYER_SECRET_KEY: randomBytes(32).toString('base64'),
  };
  const { code, text } = await foyer(t, ['admin', 'link'], env);
  assert.equal(code, 1);
  assert.match(text, /^The store at .+ is damaged \(.*not a database\)\. Put a backup of it in its place; .+$/);
});

async function foyer(
  t: TestContext,
  args: readonly string[],
  env: Record<string, string> = {},
): Promise<{ code: number | null; text: string }> {
  const program = startProgram(t, { args: ['bin/foyer.js', ...args], env });
  const { code } = await program.ended();
  return { code, text: program.text() };
}
