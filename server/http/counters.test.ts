// The promises of the counters: every finished request is counted once, where an operator looks for it, and labels stay few whatever comes.
import assert from 'node:assert/strict';
import { test } from 'node:test';
import { REASONS } from '#server/core/authorize.ts';
import { FAULTS } from '#server/core/fault.ts';
import type { AccessLine } from './access-log.ts';
import { CODES, Counters, cell, MAX_APPS, OTHER, OUTCOMES, PROTOCOLS } from './counters.ts';

test('a request is counted by app, code, protocol and how it ended', () => {
  const table: [line: Partial<AccessLine>, counted: string][] = [
    [{ upstreamMs: 1 }, '2xx HTTP/1.1 forwarded'],
    [{ protocol: 'HTTP/2', upstreamMs: 1, status: 304 }, '3xx HTTP/2 forwarded'],
    [{ status: 101, upstreamMs: 1 }, '1xx WebSocket forwarded'],
    [{ reason: 'portal', app: null }, '2xx HTTP/1.1 portal'],
    [{ reason: 'reserved-path' }, '2xx HTTP/1.1 answered'],
    [{ reason: 'no-grant', status: 302 }, '3xx HTTP/1.1 sign-in'],
    [{ reason: 'not-assigned', status: 403 }, '4xx HTTP/1.1 denied'],
    [{ reason: 'change-feed-lost', status: 503 }, '5xx HTTP/1.1 unavailable'],
    [{ reason: 'session-expired', upstreamMs: 1 }, '2xx HTTP/1.1 cut'],
    [{ reason: 'gateway-stopping', upstreamMs: 1, status: 101 }, '1xx WebSocket cut'],
    [{ reason: 'upstream-timeout', status: 504 }, '5xx HTTP/1.1 failed'],
    [{ reason: 'host-unknown', status: 404, app: null }, '4xx HTTP/1.1 refused'],
    [{ reason: 'upstream-refused-upgrade', upstreamMs: 1, status: 404 }, '4xx HTTP/1.1 forwarded'],
    [{ reason: '', status: 0 }, 'none HTTP/1.1 aborted'],
    [{ status: 0 }, 'none HTTP/1.1 aborted'],
    [{ reason: 'portal', status: 0, app: null }, 'none HTTP/1.1 aborted'],
    [{ reason: 'session-unknown', status: 0 }, 'none HTTP/1.1 cut'],
    [{ reason: 'a-word-of-tomorrow', status: 799 }, 'none HTTP/1.1 answered'],
  ];
  for (const [line, counted] of table) {
    const counters = new Counters();
    counters.finished({ ...LINE, ...line });
    assert.deepEqual(requests(counters, line.app === null ? 'none' : 'wiki'), { [counted]: 1 }, JSON.stringify(line));
  }
});

test('every reason that a line can have is told apart: none falls among what Foyer answered itself', () => {
  const reasons = [...REASONS.signIn, ...REASONS.deny, ...REASONS.unavailable, ...Object.keys(FAULTS)];
  for (const reason of reasons) {
    const counters = new Counters();
    counters.finished({ ...LINE, reason, status: 500 });
    assert.doesNotMatch(Object.keys(requests(counters, 'wiki')).join(), /answered|forwarded/, reason);
    assert.deepEqual([...counters.refusals], [[reason, 1]], reason);
  }
});

test('bytes, times and retries add up; how long a WebSocket was open is no time of a request', () => {
  const counters = new Counters();
  counters.finished({ ...LINE, bytes: 10, received: 3, ms: 7, upstreamMs: 2, retries: 1 });
  counters.finished({ ...LINE, bytes: 5, ms: 60_000 });
  counters.finished({ ...LINE, bytes: 1, ms: 3_600_000, status: 101 });
  const counts = counters.apps.get('wiki');
  assert.deepEqual([counts?.sent, counts?.received, counts?.seconds.sum], [16, 3, 60.007]);
  assert.deepEqual([counters.upstreamSeconds.sum, counters.upstreamRetries], [0.002, 1]);
  const above = counts?.seconds.counts.at(-1);
  assert.equal(above, 1);
});

test('R7: a catalogue of any size makes 500 labels and one for the rest, and no request is lost', () => {
  const counters = new Counters();
  for (let i = 0; i < 2 * MAX_APPS; i += 1) counters.finished({ ...LINE, app: `app-${i}` });
  assert.equal(counters.apps.size, MAX_APPS + 1);
  assert.deepEqual(requests(counters, OTHER), { '2xx HTTP/1.1 forwarded': MAX_APPS });
});

test('R7: reasons are bounded too', () => {
  const counters = new Counters();
  for (let i = 0; i < 10_000; i += 1) counters.refused(`reason-${i}`);
  assert.ok(counters.refusals.size <= 201);
  assert.equal(
    [...counters.refusals.values()].reduce((sum, count) => sum + count),
    10_000,
  );
});

function requests(counters: Counters, app: string): Record<string, number> {
  const found: Record<string, number> = {};
  for (const [c, code] of CODES.entries())
    for (const [p, protocol] of PROTOCOLS.entries())
      for (const [o, outcome] of OUTCOMES.entries()) {
        const count = counters.apps.get(app)?.requests[cell(c, p, o)] ?? 0;
        if (count > 0) found[`${code} ${protocol} ${outcome}`] = count;
      }
  return found;
}

const LINE: AccessLine = {
  access: 'ID',
  status: 200,
  reason: 'assigned',
  method: 'GET',
  path: '/',
  app: 'wiki',
  user: 'ada',
  client: '192.0.2.1',
  protocol: 'HTTP/1.1',
  bytes: 0,
  received: 0,
  ms: 0,
  upstreamMs: null,
  retries: 0,
  trace: null,
};
