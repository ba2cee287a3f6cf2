// The promises of adding up: sums over processes are right, a counter never falls when one of them is silent or replaced, and labels stay few.
import assert from 'node:assert/strict';
import { test } from 'node:test';
import { MAX_APPS } from '../http/counters.ts';
import { Histogram } from '../http/histogram.ts';
import { counter, type Family, gauge, histogram, one } from './family.ts';
import { shared } from './gather.ts';
import { createLedger } from './ledger.ts';

test('counters and histograms of all processes are one sum, and a gauge is what it says it is', async () => {
  const ledger = createLedger();
  ledger.told(1, telling(3, 10));
  ledger.told(2, telling(4, 20));
  const text = await ledger.text(new Set([1, 2]), [gauge('foyer_own', 'Own.', one(7))]);
  assert.deepEqual(samples(text), {
    foyer_done_total: 7,
    foyer_open: 30,
    foyer_own: 7,
    'foyer_took_seconds_bucket{le="1"}': 7,
    'foyer_took_seconds_bucket{le="+Inf"}': 7,
    foyer_took_seconds_sum: 3.5,
    foyer_took_seconds_count: 7,
  });
});

test('of a process that keeps silent the counts are those of before, and nothing that is measured', async () => {
  const ledger = createLedger();
  ledger.told(1, telling(3, 10));
  ledger.told(2, telling(4, 20));
  const { foyer_done_total: done, foyer_open: open } = samples(await ledger.text(new Set([1]), []));
  assert.deepEqual({ done, open }, { done: 7, open: 10 });
});

test('a process that is replaced leaves its counts behind, its last words included, also when they come late', async () => {
  const ledger = createLedger();
  const count = async () => samples(await ledger.text(new Set([2]), [])).foyer_done_total;
  ledger.told(1, telling(3, 10));
  ledger.told(2, telling(1, 1));
  await ledger.keep(new Set([2]), 0);
  assert.equal(await count(), 4);
  ledger.told(1, telling(5, 0));
  assert.equal(await count(), 6);
  await ledger.keep(new Set([2]), 5_000);
  assert.equal(await count(), 6);
  ledger.told(2, telling(2, 1));
  await ledger.keep(new Set([2]), 10_000);
  assert.equal(await count(), 7);
  assert.match(await ledger.text(new Set([2]), []), /^foyer_took_seconds_count 7$/m);
});

test('a hundred replacements keep one sum, not a hundred processes', async () => {
  const ledger = createLedger();
  for (let pid = 1; pid <= 100; pid += 1) {
    ledger.told(pid, telling(2, 1));
    await ledger.keep(new Set([pid]), pid * 10_000);
    await ledger.keep(new Set([pid]), pid * 10_000 + 6_000);
  }
  assert.equal(samples(await ledger.text(new Set([100]), [])).foyer_done_total, 200);
});

test('R7: whatever comes and goes in catalogues, 500 apps have a label of their own and the rest share one', async () => {
  const ledger = createLedger();
  for (let pid = 1; pid <= 3; pid += 1) {
    const values = Array.from({ length: MAX_APPS }, (_, at) => ({ labels: { app: `app-${pid}-${at}` }, value: 1 }));
    ledger.told(pid, [counter('foyer_requests_total', 'Requests.', values)]);
  }
  const found = samples(await ledger.text(new Set([1, 2, 3]), []));
  assert.equal(Object.keys(found).length, MAX_APPS + 1);
  assert.equal(found['foyer_requests_total{app="other"}'], 2 * MAX_APPS);
});

test('R5: whoever asks at the same time, or within a second, shares one answer, and a failure is not kept', async () => {
  let now = 0;
  let works = 0;
  let fails = false;
  const ask = shared(
    async () => {
      works += 1;
      if (fails) throw new Error('no');
      return works;
    },
    1_000,
    () => now,
  );
  assert.deepEqual(await Promise.all([ask(), ask(), ask()]), [1, 1, 1]);
  now = 999;
  assert.equal(await ask(), 1);
  now = 1_000;
  assert.equal(await ask(), 2);
  now = 2_000;
  fails = true;
  await assert.rejects(ask());
  fails = false;
  assert.equal(await ask(), 4);
});

function telling(count: number, open: number): Family[] {
  const buckets = new Histogram([1]);
  for (let i = 0; i < count; i += 1) buckets.add(0.5);
  return [
    counter('foyer_done_total', 'Done.', one(count)),
    gauge('foyer_open', 'Open.', one(open)),
    histogram('foyer_took_seconds', 'Took.', [{ labels: {}, buckets }]),
  ];
}

function samples(text: string): Record<string, number> {
  const lines = text.split('\n').filter((line) => line !== '' && !line.startsWith('#'));
  return Object.fromEntries(
    lines.map((line) => [line.slice(0, line.lastIndexOf(' ')), Number(line.slice(line.lastIndexOf(' ') + 1))]),
  );
}
