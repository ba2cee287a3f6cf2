// The closing line of `npm test` never says more than what ran.
import assert from 'node:assert/strict';
import { test } from 'node:test';
import { addCounts, closingLine, countsOfPlaywright } from './test-counts.ts';

const STATS = { expected: 3, unexpected: 0, flaky: 0, skipped: 0 };

test('a run that died before its report is a failure', () => {
  assert.deepEqual(countsOfPlaywright(null, 1), { passed: 0, failed: 1, skipped: 0 });
});

test('a bad exit code with no failed test is a failure', () => {
  assert.deepEqual(countsOfPlaywright({ stats: STATS }, 1), { passed: 3, failed: 1, skipped: 0 });
  assert.deepEqual(countsOfPlaywright({ stats: STATS }, 0), { passed: 3, failed: 0, skipped: 0 });
});

test('a flaky browser test counts as failed', () => {
  const report = { stats: { expected: 5, unexpected: 1, flaky: 2, skipped: 1 } };
  assert.deepEqual(countsOfPlaywright(report, 1), { passed: 5, failed: 3, skipped: 1 });
});

test('the closing line adds all stages, and speaks of skipped tests when there are any', () => {
  const sum = addCounts({ passed: 2, failed: 0, skipped: 0 }, { passed: 5, failed: 1, skipped: 0 });
  assert.equal(closingLine(sum), '7 passed, 1 failed');
  assert.equal(closingLine({ ...sum, skipped: 2 }), '7 passed, 1 failed, 2 skipped');
});
