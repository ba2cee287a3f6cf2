// The promises of the lines about what was refused before it was a request: the answer that was given, and never a flood.
import assert from 'node:assert/strict';
import { test } from 'node:test';
import { pino } from 'pino';
import { createRefusalLog } from './refusal-log.ts';

test('a line says what was answered; past 20 in a second they are counted', (t) => {
  t.mock.timers.enable({ apis: ['setInterval'] });
  const lines: Record<string, unknown>[] = [];
  const refusals = createRefusalLog(
    pino({ base: null, timestamp: false }, { write: (line: string) => void lines.push(JSON.parse(line)) }),
  );
  t.after(() => refusals.stop());
  refusals.add('headers-too-large', 'ID', '192.0.2.1');
  const line = { access: 'ID', reason: 'headers-too-large', client: '192.0.2.1', status: 431 };
  assert.deepEqual(lines[0], { level: 30, ...line, msg: 'refused' });
  for (let at = 0; at < 30; at += 1) refusals.add('request-timeout', 'ID', '192.0.2.1');
  assert.equal(lines.length, 20);
  assert.equal(lines.at(-1)?.status, 408);
  t.mock.timers.tick(1_000);
  assert.deepEqual(lines.at(-1)?.refused, { 'request-timeout': 11 });
  refusals.add('bad-host', 'ID', '192.0.2.1');
  assert.equal(lines.at(-1)?.reason, 'bad-host');
});
