// The promises of readiness: newcomers are sent to whoever decides, to nobody else, and the reason is said without a private name.
import assert from 'node:assert/strict';
import { test } from 'node:test';
import { FEED_MAX_AGE_MS } from '#server/core/authorize.ts';
import type { Answer } from '#server/supervisor/supervise.ts';
import { type Phase, readiness } from './readiness.ts';

const PORTAL = answer(0);
const WELL = { feedAgeMs: 100 };
const DEAF = { feedAgeMs: FEED_MAX_AGE_MS + 1 };

test('Z3: ready is who has a gateway that decides; everything else is a reason', () => {
  const table: [name: string, phase: Phase, answers: Answer[], reasons: string[]][] = [
    ['all well', 'running', [PORTAL, answer(1, WELL), answer(2, WELL)], []],
    ['one gateway is enough', 'running', [PORTAL, answer(1, WELL), silent(2)], []],
    ['one that is started again is not there', 'running', [PORTAL, answer(1, WELL)], []],
    ['people who are signed in need no portal', 'running', [answer(1, WELL), answer(2, WELL)], []],
    ['one that hears changes is enough', 'running', [PORTAL, answer(1, DEAF), answer(2, WELL)], []],
    ['at the limit', 'running', [PORTAL, answer(1, { feedAgeMs: FEED_MAX_AGE_MS })], []],
    ['no gateway hears of changes', 'running', [PORTAL, answer(1, DEAF), silent(2)], ['change-feed-lost']],
    ['no gateway', 'running', [PORTAL], ['no-gateway-ready']],
    ['silence', 'running', [PORTAL, silent(1), silent(2)], ['no-gateway-ready']],
    [
      'what was replaced takes nobody',
      'running',
      [PORTAL, { ...answer(1, WELL), isRetired: true }],
      ['no-gateway-ready'],
    ],
    ['an answer of no sense', 'running', [PORTAL, answer(1, 'well')], ['change-feed-lost']],
    ['starting', 'starting', [], ['starting']],
    ['draining', 'draining', [PORTAL, answer(1, WELL)], ['draining']],
  ];
  for (const [name, phase, answers, reasons] of table) {
    const told = readiness(phase, 2, answers);
    assert.deepEqual([told.reasons, told.ready], [reasons, reasons.length === 0], name);
  }
});

test('every process is told by its place, those that are missing too', () => {
  const retired = { ...answer(1, WELL), isRetired: true };
  assert.deepEqual(readiness('running', 2, [answer(1, WELL), retired]).processes, [
    { process: 'gateway-1', state: 'ready' },
    { process: 'gateway-1', state: 'replaced' },
    { process: 'gateway-2', state: 'not-running' },
    { process: 'portal', state: 'not-running' },
  ]);
});

function answer(number: number, value: unknown = {}): Answer {
  return { name: 'a name', number, pid: 100 + number, generation: 0, isRetired: false, kind: 'value', value };
}

function silent(number: number): Answer {
  return { name: 'a name', number, pid: 100 + number, generation: 0, isRetired: false, kind: 'problem', problem: '' };
}
