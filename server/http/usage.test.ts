// The promises of the counts for pages: each finished request is in one place, people are counted once, and nothing is counted twice.
import assert from 'node:assert/strict';
import { test } from 'node:test';
import { FAULTS } from '#server/core/fault.ts';
import { USAGE_COLUMNS } from '#server/core/usage.ts';
import type { AccessLine } from './access-log.ts';
import { UsageCounter } from './usage.ts';

const NOW = 1_800_000_000_000;
const LINE: AccessLine = {
  ...{ access: 'A', status: 200, reason: 'assigned', method: 'GET', path: '/', app: 'wiki', user: 'ada' },
  ...{ client: '192.0.2.1', protocol: 'HTTP/2', bytes: 0, received: 0, ms: 3, upstreamMs: 3, retries: 0, trace: null },
};

function counted(...lines: Partial<AccessLine>[]) {
  const usage = new UsageCounter();
  usage.begin(NOW);
  for (const line of lines) usage.finished({ ...LINE, ...line });
  return usage.take().map(shown);
}

function shown({ numbers, ...rest }: ReturnType<UsageCounter['take']>[number]) {
  const named = USAGE_COLUMNS.flatMap((name, at) => (numbers[at] ? [[name, numbers[at]]] : []));
  return { ...rest, numbers: Object.fromEntries(named) };
}

test('a request is an answer of the app, a failure of it, a refusal of ours, or none of these', () => {
  const table: [line: Partial<AccessLine>, numbers: object, state: string][] = [
    [{}, { requests: 1, answers_2xx: 1, latency_0: 1 }, 'succeeded'],
    [{ status: 404, upstreamMs: 70, bytes: 5 }, { requests: 1, answers_4xx: 1, sent: 5, latency_4: 1 }, 'succeeded'],
    [{ status: 503, upstreamMs: 99_000 }, { requests: 1, answers_5xx: 1, latency_12: 1 }, 'failed'],
    [{ status: 502, reason: 'upstream-refused', upstreamMs: null }, { requests: 1, faults: 1 }, 'failed'],
    [{ status: 504, reason: 'upstream-timeout', upstreamMs: 4 }, { requests: 1, faults: 1 }, 'failed'],
    [{ status: 302, reason: 'no-grant', upstreamMs: null, user: null }, { requests: 1, refusals: 1 }, ''],
    [{ status: 403, reason: 'not-assigned', upstreamMs: null }, { requests: 1, refusals: 1 }, ''],
    [{ status: 503, reason: 'maintenance', upstreamMs: null }, { requests: 1, refusals: 1 }, ''],
    [{ status: 503, reason: 'overloaded', upstreamMs: null }, { requests: 1, refusals: 1 }, ''],
    // Its permission ended while it was served.
    [{ reason: 'session-expired' }, { requests: 1, answers_2xx: 1, latency_0: 1 }, 'succeeded'],
    [{ status: 0, upstreamMs: null }, { requests: 1, aborted: 1 }, ''],
    [{ reason: 'reserved-path', upstreamMs: null }, { requests: 1 }, ''],
    [
      { reason: 'upstream-refused-upgrade', status: 401, upstreamMs: null },
      { requests: 1, answers_4xx: 1 },
      'succeeded',
    ],
    [{ app: null, reason: 'host-unknown', status: 404, upstreamMs: null }, { requests: 1, refusals: 1 }, ''],
  ];
  for (const [line, numbers, state] of table) {
    const [found] = counted(line);
    assert.deepEqual(found?.numbers, numbers, JSON.stringify(line));
    assert.deepEqual(
      [found?.succeeded && 'succeeded', found?.failed && 'failed'].filter(Boolean).join(),
      state,
      JSON.stringify(line),
    );
  }
});

test('the portal’s own pages are no traffic of apps', () => {
  assert.deepEqual(counted({ app: null, reason: 'portal', bytes: 7 }), []);
});

test('every fault has a name among the reasons, and only an upstream’s are the app’s', () => {
  for (const reason of Object.keys(FAULTS)) {
    const [found] = counted({ reason, status: 502, upstreamMs: null });
    assert.deepEqual([...(found?.reasons ?? [])], [[reason, 1]]);
  }
  const [mixed] = counted({ reason: 'internal', status: 500, upstreamMs: null });
  assert.equal(mixed?.failed, false, 'a bug of ours is no failure of the app');
});

test('a person is new once an hour, and fails once a minute', () => {
  const usage = new UsageCounter();
  const people = () => usage.take().flatMap((each) => [...each.people]);
  usage.begin(NOW);
  for (const user of ['ada', 'ada', 'bob', 'ada']) usage.finished({ ...LINE, user });
  assert.deepEqual(people(), [
    ['ada', { failed: false }],
    ['bob', { failed: false }],
  ]);
  usage.begin(NOW + 10_000);
  const fault = { ...LINE, reason: 'upstream-closed', status: 502 };
  for (const user of ['ada', 'bob']) usage.finished({ ...LINE, user });
  for (const user of ['ada', 'ada', 'cem']) usage.finished({ ...fault, user });
  assert.deepEqual(people(), [
    ['ada', { failed: true }],
    ['cem', { failed: true }],
  ]);
  usage.begin(NOW + 60_000);
  usage.finished(fault);
  assert.deepEqual(people(), [['ada', { failed: true }]]);
  usage.begin(NOW + 3_600_000);
  usage.finished(LINE);
  assert.deepEqual(people(), [['ada', { failed: false }]]);
});

test('a WebSocket counts when it opens; its bytes count when it ends', () => {
  const usage = new UsageCounter();
  usage.begin(NOW);
  usage.opened('wiki', 'ada');
  const [open] = usage.take().map(shown);
  assert.deepEqual(open?.numbers, { requests: 1, answers_1xx: 1 });
  assert.deepEqual([...(open?.people.keys() ?? [])], ['ada']);
  usage.finished({ ...LINE, status: 101, bytes: 900, upstreamMs: null });
  assert.deepEqual(usage.take().map(shown)[0]?.numbers, { sent: 900 });
});

test('what was taken is not taken again', () => {
  const usage = new UsageCounter();
  usage.begin(NOW);
  usage.finished(LINE);
  usage.refused('headers-too-large');
  assert.equal(usage.take().length, 2);
  assert.deepEqual(usage.take(), []);
});
