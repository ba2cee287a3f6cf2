// The promises of reading answers: however the bytes are cut they say the same, and whatever they are nothing throws or goes on behind the end.
import assert from 'node:assert/strict';
import { test } from 'node:test';
import fc from 'fast-check';
import { type AnswerEvents, type AnswerHead, AnswerReader } from './answer-reader.ts';

const ANSWERS = [
  'HTTP/1.1 200 OK\r\nContent-Length: 4\r\n\r\nbody',
  'HTTP/1.1 100 Continue\r\n\r\nHTTP/1.1 103 Early\r\nLink: x\r\n\r\nHTTP/1.1 204 No\r\n\r\n',
  'HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n4;x=y\r\nbody\r\n2\r\nok\r\n0\r\nA: b\r\n\r\n',
  'HTTP/1.0 200 OK\r\n\r\nuntil the close',
  'HTTP/1.1 404 Not Found\r\nContent-Length: 0\r\nConnection: close\r\n\r\n',
  'HTTP/1.1 200 OK\r\nContent-Length: 4\r\nTransfer-Encoding: chunked\r\n\r\n0\r\n\r\n',
];

/** What was said, data joined, and how many bytes were taken in all. */
function readAll(bytes: Buffer, cuts: readonly number[], method = 'GET') {
  const said: string[] = [];
  let data = '';
  let ends = 0;
  const events: AnswerEvents = {
    interim: (status, headers) => said.push(`interim ${status} ${headers}`),
    head: (head) => said.push(`head ${JSON.stringify(head)}`),
    data: (piece) => {
      assert(piece.length > 0 && ends === 0);
      data += piece.toString('latin1');
    },
    complete: (trailers) => {
      ends += 1;
      said.push(`complete ${trailers}`);
    },
    bad: () => {
      ends += 1;
      said.push('bad');
    },
  };
  const reader = new AnswerReader();
  reader.expect(method);
  const places = [...new Set(cuts.map((cut) => cut % (bytes.length + 1)))].sort((a, b) => a - b);
  let taken = 0;
  let from = 0;
  for (const to of [...places, bytes.length]) {
    if (ends > 0) break;
    const piece = Buffer.from(bytes.subarray(from, to));
    taken += reader.read(piece, 0, events);
    from = to;
  }
  assert(ends <= 1);
  return { said, data, taken: said.at(-1) === 'bad' ? -1 : taken };
}

test('U2: however an answer is cut into pieces, it says the same and ends at the same byte', () => {
  fc.assert(
    fc.property(
      fc.constantFrom(...ANSWERS),
      fc.constantFrom('', 'HTTP/1.1 200 OK\r\n\r\n', 'X'),
      fc.array(fc.nat(200), { maxLength: 12 }),
      fc.constantFrom('GET', 'HEAD'),
      (answer, behind, cuts, method) => {
        const bytes = Buffer.from(answer + behind, 'latin1');
        assert.deepEqual(readAll(bytes, cuts, method), readAll(bytes, [], method));
      },
    ),
    { numRuns: 2_000 },
  );
});

test('U2: whatever bytes come, nothing throws, and one end at most is said', () => {
  const mutated = fc
    .tuple(
      fc.constantFrom(...ANSWERS),
      fc.array(fc.tuple(fc.nat(200), fc.integer({ min: 0, max: 255 })), { maxLength: 4 }),
    )
    .map(([answer, edits]) => {
      const bytes = Buffer.from(answer, 'latin1');
      for (const [at, byte] of edits) bytes[at % bytes.length] = byte;
      return bytes;
    });
  const noise = fc.uint8Array({ maxLength: 300 }).map((bytes) => Buffer.from(bytes));
  fc.assert(
    fc.property(fc.oneof(mutated, noise), fc.array(fc.nat(300), { maxLength: 8 }), (bytes, cuts) => {
      const { data } = readAll(bytes, cuts);
      assert(data.length <= bytes.length);
    }),
    { numRuns: 3_000 },
  );
});

test('an answer may come in as many small chunks as its app likes', () => {
  const small = `HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n${'1\r\na\r\n'.repeat(30_000)}0\r\n\r\n`;
  const { data, said } = readAll(Buffer.from(small), []);
  assert.deepEqual([data.length, said.at(-1)], [30_000, 'complete null']);
});

test('U7: how long a connection is kept is what Connection and Keep-Alive say, less a second', () => {
  const keptMs = (lines: string, version = '1.1') => {
    let kept = -1;
    const reader = new AnswerReader();
    reader.expect('GET');
    const head = (answer: AnswerHead): void => {
      kept = answer.keptMs;
    };
    const events: AnswerEvents = { head, interim() {}, data() {}, complete() {}, bad() {} };
    reader.read(Buffer.from(`HTTP/${version} 200 OK\r\n${lines}Content-Length: 0\r\n\r\n`), 0, events);
    return kept;
  };
  assert.equal(keptMs(''), Number.POSITIVE_INFINITY);
  assert.equal(keptMs('Keep-Alive: max=100\r\n'), Number.POSITIVE_INFINITY);
  assert.equal(keptMs('Keep-Alive: timeout=five\r\nTimed-Out1: timeout=2\r\n'), Number.POSITIVE_INFINITY);
  assert.equal(keptMs('Connection: keep-alive\r\nKeep-Alive: timeout=5\r\n'), 4_000);
  assert.equal(keptMs('keep-alive: max=100, Timeout = "15"\r\n'), 14_000);
  assert.equal(keptMs('Keep-Alive: timeout=9\r\nKeep-Alive: timeout=3\r\n'), 2_000);
  assert.equal(keptMs('Keep-Alive: timeout=1\r\n'), 0);
  assert.equal(keptMs('Keep-Alive: timeout=0\r\n'), 0);
  assert.equal(keptMs('Connection: close\r\nKeep-Alive: timeout=5\r\n'), 0);
  assert.equal(keptMs('Keep-Alive: timeout=5\r\n', '1.0'), 0);
  assert.equal(keptMs('Keep-Alive: timeout=5\r\nConnection: keep-alive\r\n', '1.0'), 4_000);
});

test('U2: whoever stops it hears nothing more', () => {
  const reader = new AnswerReader();
  const said: string[] = [];
  reader.expect('GET');
  reader.read(Buffer.from(ANSWERS[2] as string), 0, {
    interim: () => said.push('interim'),
    head: () => said.push('head'),
    data: () => {
      said.push('data');
      reader.stop();
    },
    complete: () => said.push('complete'),
    bad: () => said.push('bad'),
  });
  assert.deepEqual(said, ['head', 'data']);
});
