// The promises of the access line: valid JSON whatever a client sends, one line, and nothing of the query.
import assert from 'node:assert/strict';
import { test } from 'node:test';
import fc from 'fast-check';
import { type Hostname, parseHostname } from '#server/core/hostname.ts';
import { type AccessLine, accessLine, accessText, newOutcome } from './access-log.ts';
import type { RequestHead } from './exchange.ts';

test('M10: whatever a path and a method hold, the line is one line of JSON that says exactly that', () => {
  const text = fc.oneof(
    fc.string(),
    fc.string({ unit: 'binary' }),
    fc.constantFrom('"', '\\', '\n', '\u2028', '\x9b31m'),
  );
  fc.assert(
    fc.property(text, text, (path, method) => {
      const written = `{${accessText({ ...LINE, path, method })}}`;
      assert.match(written, /^[ -~]*$/);
      const read = JSON.parse(written);
      assert.deepEqual([read.path, read.method], [path, method]);
      assert.equal(read.access, LINE.access);
      assert.equal(read.trace, LINE.trace);
    }),
  );
});

test('however long a path is, its line fits into one write, and says how long the path was', () => {
  for (const [path, kept] of [
    ['a'.repeat(2_048), 2_048],
    ['a'.repeat(200_000), 2_048],
    ['\xe9'.repeat(200_000), 341],
    [`${'a'.repeat(2_047)}\xe9`, 341],
  ] as const) {
    const text = accessText({ ...LINE, path });
    assert.ok(text.length < 3_000, `${text.length}`);
    const read = JSON.parse(`{${text}}`);
    assert.equal(read.path, path.slice(0, kept));
    assert.equal(read.pathLength, kept === path.length ? undefined : path.length);
  }
});

test('M10: a query never reaches the line', () => {
  const line = accessLine({ ...HEAD, target: '/a?token=S3CRET?b' }, newOutcome(), 5);
  assert.equal(line.path, '/a');
  assert.ok(!accessText(line).includes('S3CRET'));
});

test('a line of a request that went to an upstream says how long that took, how often it was tried, and its trace', () => {
  const outcome = { ...newOutcome(), status: 200, upstreamMs: 2, retries: 1, trace: 'ab', bytes: 10, received: 3 };
  const read = JSON.parse(`{${accessText(accessLine(HEAD, outcome, 7))}}`);
  assert.deepEqual(read, {
    access: 'ID',
    status: 200,
    reason: '',
    method: 'GET',
    path: '/',
    app: null,
    user: null,
    client: '192.0.2.1',
    protocol: 'HTTP/1.1',
    bytes: 10,
    received: 3,
    ms: 7,
    upstreamMs: 2,
    retries: 1,
    trace: 'ab',
  });
});

test('a line of a request that Foyer answered itself says nothing of an upstream', () => {
  const read = JSON.parse(`{${accessText(accessLine(HEAD, newOutcome(), 0))}}`);
  assert.deepEqual(
    ['upstreamMs', 'retries', 'trace'].filter((name) => name in read),
    [],
  );
});

const HEAD: RequestHead = {
  supportId: 'ID',
  protocol: 'HTTP/1.1',
  scheme: 'https',
  method: 'GET',
  target: '/',
  hostname: parseHostname('wiki.corp.example') as Hostname,
  headers: [],
  clientAddress: '192.0.2.1',
  receivedAt: 1_800_000_000_000,
};

const LINE: AccessLine = accessLine(HEAD, { ...newOutcome(), trace: '0af7651916cd43dd8448eb211c80319c' }, 0);
