// The doctor's promise about the nameserver's file: it calls usable what foyer nameserver uses, and nothing else.
import assert from 'node:assert/strict';
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { test } from 'node:test';
import { pino } from 'pino';
import { readSetup } from '../nameserver/setup.ts';
import { checkNameserver } from './nameserver.ts';

test('a file that foyer nameserver refuses is an error in the same words, also for the files that it names', async (t) => {
  const folder = mkdtempSync(join(tmpdir(), 'foyer-doctor-'));
  t.after(() => rmSync(folder, { recursive: true }));
  const path = join(folder, 'nameserver.json');
  const table: [string, RegExp][] = [
    ['{}', /can be used/],
    ['{', /nameserver\.json/],
    [JSON.stringify({ upstreamCa: 'none.pem' }), /none\.pem/],
    [JSON.stringify({ tls: { listen: ['127.0.0.1'], certificate: 'none.pem', key: 'none.key' } }), /none\.pem/],
  ];
  for (const [text, expected] of table) {
    writeFileSync(path, text);
    const [finding] = await look(path);
    assert.match(finding?.sentence ?? '', expected);
    const read = readSetup(path, pino({ level: 'silent' }));
    assert.deepEqual(finding?.level, read.kind === 'invalid' ? 'error' : 'ok', text);
    if (read.kind === 'invalid') assert.equal(finding?.sentence, read.problems[0]);
  }
  rmSync(path);
  assert.deepEqual(
    (await look(path)).map(({ level }) => level),
    ['error'],
  );
});

function look(path: string) {
  const asked = () => assert.fail('nothing of this has to be asked for');
  return checkNameserver(path, { hosts: [], nodes: [] }, asked);
}
