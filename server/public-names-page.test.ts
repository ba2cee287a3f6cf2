// docs/public-names.md cannot lie about the DNS doctor: its table has every code that a finding can have, each once.
import assert from 'node:assert/strict';
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { test } from 'node:test';
import { NAMES_CODES } from './core/names-finding.ts';

const PAGE = readFileSync(join(import.meta.dirname, '../docs/public-names.md'), 'utf8');

test('the table of findings has every code once, and no other', () => {
  const table = PAGE.slice(PAGE.indexOf('| looked at |'), PAGE.indexOf('\n\n', PAGE.indexOf('| looked at |')));
  const codes = [...table.matchAll(/`([a-z-]+)`/g)].map(([, code = '']) => code);
  assert.deepEqual(codes.sort(), Object.keys(NAMES_CODES).sort());
});
