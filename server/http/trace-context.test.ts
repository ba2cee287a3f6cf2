// The promises of trace context: a valid trace goes on under a span of ours, everything else begins a new one, and nothing is invented in between.
import assert from 'node:assert/strict';
import { test } from 'node:test';
import fc from 'fast-check';
import { traceContext } from './trace-context.ts';

const TRACE = '0af7651916cd43dd8448eb211c80319c';
const SPAN = 'b7ad6b7169203331';
const OURS = '1111111111111111';
const NEW = { traceId: OURS + OURS, traceparent: `00-${OURS}${OURS}-${OURS}-01`, tracestate: null };

test('a valid traceparent goes on: the same trace, a new parent, the flags that are known', () => {
  const table: [name: string, value: string, flags: string][] = [
    ['sampled', `00-${TRACE}-${SPAN}-01`, '01'],
    ['not sampled', `00-${TRACE}-${SPAN}-00`, '00'],
    ['a random trace id', `00-${TRACE}-${SPAN}-03`, '03'],
    ['reserved flags are 0', `00-${TRACE}-${SPAN}-fd`, '01'],
    ['a later version', `01-${TRACE}-${SPAN}-01`, '01'],
    ['a later version that says more', `cc-${TRACE}-${SPAN}-01-what-will-come`, '01'],
  ];
  for (const [name, value, flags] of table)
    assert.deepEqual(
      of(['Host', 'a', 'TraceParent', value]),
      { traceId: TRACE, traceparent: `00-${TRACE}-${OURS}-${flags}`, tracestate: null },
      name,
    );
});

test('an invalid traceparent begins a new trace, and its tracestate ends with it', () => {
  const table = [
    '',
    `00-${TRACE}-${SPAN}`,
    `00-${TRACE}-${SPAN}-0`,
    `00-${TRACE}-${SPAN}-01-`,
    `00-${TRACE}-${SPAN}-01-more`,
    `01-${TRACE}-${SPAN}-01more`,
    `00-${TRACE.toUpperCase()}-${SPAN}-01`,
    `00-${'0'.repeat(32)}-${SPAN}-01`,
    `00-${TRACE}-${'0'.repeat(16)}-01`,
    `ff-${TRACE}-${SPAN}-01`,
    `0g-${TRACE}-${SPAN}-01`,
    ` 00-${TRACE}-${SPAN}-01`,
    `00-${TRACE}-${SPAN}-01, 00-${TRACE}-${SPAN}-01`,
  ];
  for (const value of table) assert.deepEqual(of(['traceparent', value, 'tracestate', 'a=1']), NEW, value);
});

test('no traceparent begins a new trace, two are none, and a tracestate alone is dropped', () => {
  const valid = `00-${TRACE}-${SPAN}-01`;
  assert.deepEqual(of([]), NEW);
  assert.deepEqual(of(['tracestate', 'a=1']), NEW);
  assert.deepEqual(of(['traceparent', valid, 'Traceparent', valid]), NEW);
});

test('tracestate goes on byte for byte, several lines as one list, and not at all past 512 bytes', () => {
  const parent = ['traceparent', `00-${TRACE}-${SPAN}-01`];
  const long = `a=${'x'.repeat(510)}`;
  assert.equal(of([...parent, 'tracestate', ' rojo=00f067,\tcongo=t61 ']).tracestate, ' rojo=00f067,\tcongo=t61 ');
  assert.equal(of(['tracestate', 'a=1', ...parent, 'TraceState', 'b=2']).tracestate, 'a=1,b=2');
  assert.equal(of([...parent, 'tracestate', '']).tracestate, null);
  assert.equal(of([...parent, 'tracestate', long]).tracestate, long);
  assert.equal(of([...parent, 'tracestate', `${long}x`]).tracestate, null);
});

test('whatever comes in, what goes out is valid, and ids that we make never repeat', () => {
  const seen = new Set<string>();
  const value = fc.oneof(fc.string(), fc.stringMatching(/^[0-9a-f]{2}-[0-9a-f]{32}-[0-9a-f]{16}-[0-9a-f]{2}(-.*)?$/));
  fc.assert(
    fc.property(value, fc.string(), (parent, state) => {
      const { traceId, traceparent, tracestate } = traceContext(['traceparent', parent, 'tracestate', state]);
      assert.match(traceparent, /^00-(?!0{32})[0-9a-f]{32}-(?!0{16})[0-9a-f]{16}-0[0-3]$/);
      assert.equal(traceparent.slice(3, 35), traceId);
      assert.ok(tracestate === null || tracestate === state);
      seen.add(traceparent.slice(36, 52));
    }),
    { numRuns: 2_000 },
  );
  assert.equal(seen.size, 2_000);
});

function of(headers: string[]) {
  return traceContext(headers, () => OURS);
}
