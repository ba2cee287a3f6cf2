// What the nameserver's files say is read together, and what they hardly mean is said in the log.
import assert from 'node:assert/strict';
import { writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { test } from 'node:test';
import { pino } from 'pino';
import { temporaryDir } from '#server/store/testing/temporary-store.ts';
import { readSetup } from './setup.ts';

test('what a file hardly means is said with its name, and the file is used', (t) => {
  const path = join(temporaryDir(t), 'names.json');
  const zones = [{ name: 'lab.own.example', servers: ['10.0.0.53'] }];
  writeFileSync(path, JSON.stringify({ zones, records: [{ zone: 'own.example', lines: [] }] }));
  const lines: Record<string, unknown>[] = [];
  const read = readSetup(path, pino({ base: null }, { write: (line) => void lines.push(JSON.parse(line)) }));
  assert.equal(read.kind === 'setup' && read.setup.file.zones.length, 1);
  assert.deepEqual(
    lines.map(({ level, msg }) => [level, String(msg).slice(0, path.length + 9)]),
    [[40, `${path}: zones.0`]],
  );
});
