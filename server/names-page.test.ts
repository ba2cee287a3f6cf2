// docs/names.md cannot lie where a machine can tell: its files can be read, every field is on it, and its limits and defaults are the code's.
import assert from 'node:assert/strict';
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { test } from 'node:test';
import { forwardLines } from './core/forward-lines.ts';
import { createListReader, MAX_LIST_BYTES, MAX_LIST_NAMES } from './dns/block-list.ts';
import { endpoint, host } from './dns/packet.testing.ts';
import { readNameserverFile } from './nameserver/file.ts';
import { fileSchema } from './nameserver/file-schema.ts';

const PAGE = readFileSync(join(import.meta.dirname, '../docs/names.md'), 'utf8');
const FILES = [...PAGE.matchAll(/```json\n(.*?)```/gs)].map(([, text = '']) => text);

test('every configuration on the page is one that can be used', () => {
  assert.equal(FILES.length, 2);
  for (const text of FILES) {
    const read = readNameserverFile(text, '/');
    assert.equal(read.kind, 'file', JSON.stringify(read));
  }
});

test('every field is in the example and in the table, and the table has no other', () => {
  const fields = Object.keys(fileSchema.shape);
  assert.deepEqual(Object.keys(JSON.parse(FILES[1] ?? '')), fields);
  const table = PAGE.slice(PAGE.indexOf('| field |'), PAGE.indexOf('**Changes count'));
  const rows = [...table.matchAll(/^\| (`\w+`(?:, `\w+`)*) \|/gm)].flatMap(
    ([, names = '']) => names.match(/\w+/g) ?? [],
  );
  assert.deepEqual(rows, fields);
});

test('the lines for the office’s DNS server are those that the doctor prints', () => {
  for (const { lines } of forwardLines([host('corp.example')], [endpoint('10.0.0.53', 53)]))
    for (const line of lines) assert.ok(PAGE.includes(line), line);
});

test('the kinds of lines in the table of lists are read as it says, and the limits are the code’s', () => {
  const table = PAGE.slice(PAGE.indexOf('| a line |'), PAGE.indexOf('Regular expressions'));
  const shown = [...table.matchAll(/`([^`…]+)`/g)].map(([, line = '']) => line.replaceAll('\\|', '|'));
  assert.ok(shown.length > 7);
  for (const line of shown.filter((each) => /example/.test(each))) {
    const reader = createListReader();
    reader.push(Buffer.from(line));
    const result = reader.end();
    assert.ok(result.kind === 'list' && result.counts.names > 0, line);
  }
  assert.ok(PAGE.includes(`larger than ${MAX_LIST_BYTES / 1024 / 1024} MB`));
  assert.ok(PAGE.includes(`more than ${MAX_LIST_NAMES.toLocaleString('en')} names`));
});
