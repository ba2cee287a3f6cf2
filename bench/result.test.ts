// Bars and tables say what was measured.
import assert from 'node:assert/strict';
import { test } from 'node:test';
import {
  absoluteBar,
  type BenchResult,
  bar,
  FAILED_REQUESTS,
  formatTable,
  hasFailedRequests,
  rowOf,
} from './result.ts';

test('a bar is met up to its maximum, and never by a figure that is missing', () => {
  assert.deepEqual(bar('nginx', 2.3, 32.2, 14), { peer: 'nginx', max: 2.3, ratio: 2.3, met: true });
  assert.deepEqual(bar('nginx', 2.3, 32.4, 14), { peer: 'nginx', max: 2.3, ratio: 2.31, met: false });
  assert.equal(bar('nginx', 2.3, 32.4, Number.NaN).met, false);
  assert.equal(bar('nginx', 2.3, Number.NaN, 14).met, false);
  assert.deepEqual(absoluteBar(32, 31.5), { peer: 'absolute', max: 32, ratio: 31.5, met: true });
  assert.equal(absoluteBar(32, 32.01).met, false);
});

test('a row splits Foyer’s figure from everybody else’s', () => {
  const figures = new Map([
    ['foyer', 31.26],
    ['nginx', 16.04],
    ['caddy', 80],
  ]);
  assert.deepEqual(rowOf({ id: 'http1-1k', unit: 'cpu-us/request' }, figures, { nginx: 2.3 }), {
    id: 'http1-1k',
    unit: 'cpu-us/request',
    foyer: 31.3,
    peers: { nginx: 16, caddy: 80 },
    bars: [{ peer: 'nginx', max: 2.3, ratio: 1.96, met: true }],
  });
});

test('the table has a line for everybody, and says beside the peer whether its bar is met', () => {
  const result: BenchResult = {
    bench: 'http',
    rows: [
      {
        id: 'http1-1k',
        unit: 'cpu-us/request',
        foyer: 40,
        peers: { nginx: 16, caddy: 80 },
        bars: [bar('nginx', 2.3, 40, 16)],
        note: 'on one core',
      },
      { id: 'idle-clear', unit: 'KB', foyer: 30, peers: {}, bars: [absoluteBar(32, 30)] },
    ],
  };
  const squeezed = formatTable(result)
    .split('\n')
    .map((line) => line.trim().replaceAll(/ +/g, ' '));
  assert.deepEqual(squeezed, [
    ...['http', '', 'http1-1k cpu-us/request foyer ÷', 'foyer 40', 'nginx 16 2.50 ≤ 2.3 MISSED', 'caddy 80 0.50'],
    ...['on one core', '', 'idle-clear KB', 'foyer 30 ≤ 32 met', ''],
  ]);
});

test('only failed requests fail a bench', () => {
  const row = { id: 'soak', foyer: 1, peers: {}, bars: [absoluteBar(0, 1)] };
  assert.equal(hasFailedRequests({ bench: 'soak', rows: [{ ...row, unit: FAILED_REQUESTS }] }), true);
  assert.equal(hasFailedRequests({ bench: 'soak', rows: [{ ...row, unit: FAILED_REQUESTS, foyer: 0 }] }), false);
  assert.equal(hasFailedRequests({ bench: 'soak', rows: [{ ...row, unit: 'ms' }] }), false);
});
