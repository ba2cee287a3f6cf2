// R8: looks are few: one at a time for each person, a handful in a process, and one for everybody who opens the same app.
import assert from 'node:assert/strict';
import { test } from 'node:test';
import type { PathStep } from '#server/core/path.ts';
import { host } from '#server/dns/packet.testing.ts';
import type { trace } from './trace.ts';
import { createTracer } from './tracer.ts';

const STEP = { step: 'public-dns', code: 'name-missing', state: 'bad', tookMs: 1, facts: null } as unknown as PathStep;

test('a second look of one person ends their first', async () => {
  const { looks, tracer } = setUp();
  const first = tracer.trace(request('grace'), () => {});
  const second = tracer.trace(request('grace'), () => {});
  assert.equal(looks[0]?.signal.aborted, true);
  looks[0]?.end();
  assert.equal((await first).kind, 'replaced');
  await settled();
  looks[1]?.end();
  assert.equal((await second).kind, 'done');
});

test('one person has one look under way, however often they ask: the others wait for it, and all but the last are dropped', async () => {
  const { looks, tracer } = setUp();
  const asked = Array.from({ length: 20 }, () => tracer.trace(request('grace'), () => {}));
  await settled();
  assert.equal(looks.length, 1);
  const other = tracer.trace(request('linus'), () => {});
  await settled();
  assert.equal(looks.length, 2);
  looks[1]?.end();
  assert.equal((await other).kind, 'done');
  looks[0]?.end();
  await settled();
  assert.equal(looks.length, 3);
  looks[2]?.end();
  const ends = (await Promise.all(asked)).map(({ kind }) => kind);
  assert.deepEqual(ends, [...Array.from({ length: 19 }, () => 'replaced'), 'done']);
});

test('a process looks at so many ways at once and no more, and goes on when one is over', async () => {
  const { looks, tracer } = setUp();
  const running = Array.from({ length: 6 }, (_, at) => tracer.trace(request(`person ${at}`), () => {}));
  assert.equal((await tracer.trace(request('late'), () => {})).kind, 'busy');
  assert.equal((await tracer.traceShared(request('late'), () => {})).kind, 'busy');
  looks[0]?.end();
  await running[0];
  const next = tracer.trace(request('late'), () => {});
  for (const look of looks) look.end();
  assert.equal((await next).kind, 'done');
  await Promise.all(running);
});

test('everybody who opens an app shares one look in ten seconds, those who come late from its beginning', async () => {
  const { clock, looks, tracer } = setUp();
  const told: string[] = [];
  const first = tracer.traceShared(request('grace'), () => told.push('grace'));
  looks[0]?.tell();
  const second = tracer.traceShared(request('linus'), () => told.push('linus'));
  looks[0]?.tell();
  looks[0]?.end();
  assert.deepEqual([(await first).kind, (await second).kind], ['done', 'done']);
  clock.now += 9_999;
  await tracer.traceShared(request('ada'), () => told.push('ada'));
  assert.equal(looks.length, 1);
  assert.deepEqual(told, ['grace', 'linus', 'grace', 'linus', 'ada', 'ada']);
  clock.now += 1;
  const anew = tracer.traceShared(request('ada'), () => {});
  assert.equal(looks.length, 2);
  looks[1]?.end();
  await anew;
});

test('one person begins one shared look at a time, and leaving it does not end it for others', async () => {
  const { looks, tracer } = setUp();
  const gone = new AbortController();
  const first = tracer.traceShared({ ...request('grace'), signal: gone.signal }, () => {});
  assert.equal((await tracer.traceShared({ ...request('grace'), appId: 'other' }, () => {})).kind, 'busy');
  const second = tracer.traceShared(request('linus'), () => {});
  gone.abort();
  assert.equal(looks[0]?.signal.aborted, false);
  looks[0]?.end();
  assert.deepEqual([(await first).kind, (await second).kind], ['gone', 'done']);
});

/** What was decided by promises alone has happened by then. */
const settled = () => new Promise((resolve) => setImmediate(resolve));

function setUp() {
  const clock = { now: 1_000_000 };
  const looks: { tell(): void; end(): void; signal: AbortSignal }[] = [];
  const take = ((_context, { signal }, onStep) =>
    new Promise<void>((resolve) => {
      looks.push({ tell: () => onStep(STEP), end: resolve, signal });
    })) as typeof trace;
  return { clock, looks, tracer: createTracer({ now: () => clock.now } as never, take) };
}

function request(viewerId: string) {
  return {
    appId: 'app-1',
    host: host('wiki.corp.example'),
    route: -1,
    session: null as never,
    viewerId,
    clientAddress: '',
    supportId: '',
    signal: new AbortController().signal,
  };
}
