// The promises of the circuit: silence takes a server out of use, longer each time, and one answer brings it back.
import assert from 'node:assert/strict';
import { test } from 'node:test';
import { isProbeDue, NEW_CIRCUIT, onAnswer, onProbe, onSilence } from './circuit.ts';

test('D7: a silent server is probed after 0.5, 1, 2 … 30 s, and any answer closes the circuit', () => {
  let circuit = NEW_CIRCUIT;
  let now = 10_000;
  for (const waitMs of [500, 1000, 2000, 4000, 8000, 16_000, 30_000, 30_000]) {
    circuit = onSilence(circuit, now, now);
    assert.equal(isProbeDue(circuit, now + waitMs - 1), false);
    assert.equal(isProbeDue(circuit, now + waitMs), true);
    now += waitMs;
  }
  assert.deepEqual(onAnswer(now), { kind: 'closed', lastAnswerAt: now });
});

test('a server that ignores one question but answers others stays in use', () => {
  assert.equal(onSilence(onAnswer(1500), 1000, 3000).kind, 'closed');
  assert.equal(onSilence(onAnswer(500), 1000, 3000).kind, 'open');
});

test('many questions that end in one silence count once', () => {
  const open = onSilence(NEW_CIRCUIT, 1000, 3000);
  assert.equal(onSilence(open, 1100, 3100), open);
});

test('one probe at a time', () => {
  const open = onSilence(NEW_CIRCUIT, 1000, 3000);
  const probed = onProbe(open, 3500, 2000);
  assert.equal(isProbeDue(probed, 5499), false);
  assert.equal(isProbeDue(probed, 5500), true);
});

test('a clock that is set back keeps no server out of use, and makes no probe of every question', () => {
  const open = onSilence(NEW_CIRCUIT, 1_000_000, 1_003_000);
  assert.equal(isProbeDue(open, 5_000), true);
  const probed = onProbe(open, 5_000, 2_000);
  assert.equal(isProbeDue(probed, 6_999), false);
  const silent = onSilence(probed, 5_000, 7_000);
  assert.equal(silent.kind === 'open' && silent.failures, 2);
});
