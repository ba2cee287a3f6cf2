// The promises of an app's state: no word without evidence, and no alarm for one bad answer.
import assert from 'node:assert/strict';
import { test } from 'node:test';
import fc from 'fast-check';
import { PLAIN_TRAFFIC } from './app.ts';
import { type AppEvidence, appState } from './app-state.ts';

const NOW = 1_800_000_000_000;
const MINUTE = 60_000;
const APP = { enabled: true, traffic: PLAIN_TRAFFIC };
const run = (failures: number, people = 1) => ({ since: NOW - 5 * MINUTE, failures, people });

test('what is said of an app follows from what was seen of it', () => {
  const table: [evidence: AppEvidence | undefined, state: object][] = [
    [undefined, { kind: 'unknown', lastUsedAt: null }],
    [
      { succeededAt: NOW - MINUTE, failedAt: null, run: null },
      { kind: 'working', lastUsedAt: NOW - MINUTE },
    ],
    [
      { succeededAt: NOW, failedAt: NOW - MINUTE, run: null },
      { kind: 'working', lastUsedAt: NOW },
    ],
    // Good and bad answers in the same ten seconds: it answers.
    [
      { succeededAt: NOW, failedAt: NOW, run: run(9) },
      { kind: 'working', lastUsedAt: NOW },
    ],
    [
      { succeededAt: NOW - 9 * MINUTE, failedAt: NOW, run: run(3, 2) },
      { kind: 'failing', since: NOW - 5 * MINUTE, people: 2, lastUsedAt: NOW - 9 * MINUTE },
    ],
    [
      { succeededAt: null, failedAt: NOW, run: run(7) },
      { kind: 'failing', since: NOW - 5 * MINUTE, people: 1, lastUsedAt: null },
    ],
    // One or two failures are one request of one script.
    [
      { succeededAt: NOW - MINUTE, failedAt: NOW, run: run(2) },
      { kind: 'unknown', lastUsedAt: NOW - MINUTE },
    ],
    // Nobody has tried since.
    [
      { succeededAt: null, failedAt: NOW - 31 * MINUTE, run: run(50) },
      { kind: 'unknown', lastUsedAt: null },
    ],
  ];
  for (const [evidence, state] of table) assert.deepEqual(appState(APP, evidence, NOW), state);
});

test('what an administrator set comes before what was seen', () => {
  const evidence = { succeededAt: NOW, failedAt: null, run: null };
  const traffic = { ...PLAIN_TRAFFIC, maintenance: { text: 'Back at noon.' } } as never;
  assert.deepEqual(appState({ enabled: true, traffic }, evidence, NOW), { kind: 'maintenance' });
  assert.deepEqual(appState({ enabled: false, traffic }, evidence, NOW), { kind: 'off' });
});

test('an app is never said to work without a good answer, and never to fail after one', () => {
  const time = fc.option(fc.integer({ min: NOW - 100 * MINUTE, max: NOW }));
  const runs = fc.option(fc.record({ since: fc.constant(NOW - MINUTE), failures: fc.nat(), people: fc.nat() }));
  fc.assert(
    fc.property(time, time, runs, (succeededAt, failedAt, run) => {
      const { kind } = appState(APP, { succeededAt, failedAt, run }, NOW);
      if (succeededAt === null) assert.notEqual(kind, 'working');
      if (succeededAt !== null && succeededAt >= (failedAt ?? 0)) assert.equal(kind, 'working');
    }),
  );
});
