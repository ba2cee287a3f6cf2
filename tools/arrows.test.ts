// The arrows tool finds what it is for: every rule is broken once, and the same text is accepted where it is allowed.
import assert from 'node:assert/strict';
import { test } from 'node:test';
import { findViolations } from './arrows.ts';
import { readSourceFiles, type SourceFile } from './source-file.ts';

const OPENING = '// A planted file.\n';

function violationsOf(path: string, text: string, others: readonly SourceFile[] = []): string[] {
  return findViolations([{ path, text }, ...others]).map((violation) => `${violation.line}: ${violation.sentence}`);
}

const BROKEN: [name: string, path: string, text: string, expected: RegExp][] = [
  [
    'core imports a room',
    'server/core/a.ts',
    `${OPENING}import { b } from '../dns/b.ts';\n`,
    /^2: core may not import dns/,
  ],
  [
    'core imports the store by type only',
    'server/core/a.ts',
    `${OPENING}import type { B } from '#server/store/b.ts';\n`,
    /core may not import store/,
  ],
  [
    'core does IO',
    'server/core/a.ts',
    `${OPENING}import { readFile } from 'node:fs/promises';\n`,
    /core may not import “node:fs\/promises”/,
  ],
  ['core reads the clock', 'server/core/a.ts', `${OPENING}const now = Date.now();\n`, /^2: core has no clock/],
  [
    'a room imports another room',
    'server/http/a.ts',
    `${OPENING}export * from '#server/dns/b.ts';\n`,
    /http may not import dns/,
  ],
  [
    'a room imports the store',
    'server/tunnel/a.ts',
    `${OPENING}import {\n  b,\n} from '../store/b.ts';\n`,
    /tunnel may not import store/,
  ],
  [
    'a room imports a program',
    'server/dns/a.ts',
    `${OPENING}const b = await import('../gateway.ts');\n`,
    /dns may not import programs/,
  ],
  [
    'the store imports a room',
    'server/store/a.ts',
    `${OPENING}import '#server/http/b.ts';\n`,
    /store may not import http/,
  ],
  [
    'a page imports a program',
    'app/page.tsx',
    `import { config } from '#server/config.ts';\n`,
    /app may not import programs/,
  ],
  [
    'a page imports a room',
    'app/admin/page.tsx',
    `import { wire } from '#server/dns/wire.ts';\n`,
    /app may not import dns/,
  ],
  [
    'a program imports a page',
    'server/portal.ts',
    `${OPENING}import { Page } from '#app/page.tsx';\n`,
    /programs may not import app/,
  ],
  [
    'a room knows the database',
    'server/http/a.ts',
    `${OPENING}import { Kysely } from 'kysely';\n`,
    /only server\/store knows the database/,
  ],
  ['a room is a web page', 'server/dns/a.ts', `${OPENING}import next from 'next';\n`, /only the portal is a web page/],
  [
    'a program imports a test',
    'server/portal.ts',
    `${OPENING}import { startBind } from './dns/bind.testing.ts';\n`,
    /only a test imports the test file/,
  ],
  [
    'an import without its extension',
    'server/core/a.ts',
    `${OPENING}import { b } from './b';\n`,
    /needs its file extension/,
  ],
  [
    'a file without a first sentence',
    'server/core/a.ts',
    'export const a = 1;\n',
    /^1: the file does not open with a sentence/,
  ],
  ['a name that says nothing', 'server/core/string-utils.ts', OPENING, /says nothing/],
  ['a barrel', 'app/ui/index.ts', OPENING, /“index” says nothing/],
  ['a silenced type checker', 'app/ui/button.tsx', '// @ts-expect-error\n', /^1: the type checker is silenced/],
];

for (const [name, path, text, expected] of BROKEN) {
  test(`refused: ${name}`, () => {
    const found = violationsOf(path, text, [{ path: 'server/core/b.ts', text: OPENING }]);
    assert.equal(found.length, 1, found.join('\n'));
    assert.match(found[0] ?? '', expected);
  });
}

const ALLOWED: [name: string, path: string, text: string][] = [
  ['a room imports core', 'server/dns/a.ts', `${OPENING}import { b } from '#server/core/b.ts';\n`],
  ['the store knows the database', 'server/store/a.ts', `${OPENING}import { Kysely } from 'kysely';\n`],
  [
    'a page imports the store and a client package',
    'app/page.tsx',
    `import { useState } from 'react';\nimport { listApps } from '#server/store/apps.ts';\n`,
  ],
  [
    'a program wires rooms',
    'server/gateway.ts',
    `${OPENING}import { listen } from './http/listen.ts';\nimport { b } from './store/b.ts';\n`,
  ],
  [
    'a test of one room starts another',
    'server/http/a.socket.test.ts',
    `${OPENING}import { startBind } from '#server/dns/bind.testing.ts';\n`,
  ],
  ['core speaks of a clock in a comment', 'server/core/a.ts', `${OPENING}// never Date.now() here\n`],
  ['a worker is no service', 'app/service-worker.ts', ''],
];

for (const [name, path, text] of ALLOWED) {
  test(`allowed: ${name}`, () => {
    assert.deepEqual(violationsOf(path, text), []);
  });
}

test('the repository itself is found, and every room in it', () => {
  const paths = readSourceFiles(`${import.meta.dirname}/..`).map((file) => file.path);
  for (const expected of ['server/core/hostname.ts', 'tools/arrows.ts', 'bin/run.js'])
    assert.ok(paths.includes(expected), expected);
  assert.ok(!paths.some((path) => path.includes('node_modules')));
});
