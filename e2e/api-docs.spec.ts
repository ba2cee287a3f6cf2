// docs/api.md is true: its commands are run as they stand, one after another, by a shell.
import { execFile } from 'node:child_process';
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { promisify } from 'node:util';
import { API_PROBLEMS } from '#server/core/api-problem.ts';
import { makeToken } from './system/api-token.ts';
import { expect, test } from './system/journey.ts';

const PAGE = readFileSync(join(import.meta.dirname, '../docs/api.md'), 'utf8');

test('every command of docs/api.md does what the page says', async ({ newPerson, demo }) => {
  const admin = await newPerson(demo.admin);
  const token = await makeToken(admin, demo, 'Documentation');
  const blocks = [...PAGE.matchAll(/^```sh\n([\s\S]*?)```/gm)].map(([, body = '']) => body);
  // The first says where Foyer is, and is the reader's to fill in.
  const [example, ...commands] = blocks;
  expect(example).toMatch(/^export FOYER=\S+ FOYER_TOKEN=\S+\n$/);
  expect(commands.length).toBeGreaterThanOrEqual(6);
  const script = ['set -eu -o pipefail', ...commands].join('\n');
  const env = { ...process.env, FOYER: demo.portalUrl, FOYER_TOKEN: token };
  const { stdout } = await promisify(execFile)('bash', ['-c', script], { env });
  expect(stdout).toContain('"name":"Documentation"');
  expect(stdout).toContain('Wiki');
  expect(stdout).toContain('{"done":1,"left":[]}');
  expect(stdout).toContain('"token": "Documentation"');
});

test('docs/api.md lists every problem of the API, with its status', () => {
  const rows = PAGE.split('\n').filter((line) => line.startsWith('|'));
  for (const [code, { status }] of Object.entries(API_PROBLEMS)) {
    const row = rows.find((line) => line.includes(`\`${code}\``));
    expect(row, code).toBeDefined();
    expect(row, code).toContain(String(status));
  }
});
