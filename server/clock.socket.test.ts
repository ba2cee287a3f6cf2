// The promise of a clock that is set: what is over stays over, what is good stays good, and no app is shown a person from the future.
import assert from 'node:assert/strict';
import { type TestContext, test } from 'node:test';
import { createAuthority } from './certificates.testing.ts';
import { watchDates } from './certificates.ts';
import { type RealGateway, startRealGateway } from './faults.testing.ts';
import { loadSession } from './store/sessions.ts';
import { temporaryFolder } from './testing/program.ts';

const MINUTE_MS = 60_000;
const HOUR_MS = 60 * MINUTE_MS;
const YEAR_MS = 365 * 24 * HOUR_MS;
const URL_OF_APP = 'http://wiki.localhost:8080/';

for (const [what, jumpMs] of [
  ['ten minutes forward', 10 * MINUTE_MS],
  ['ten minutes back', -10 * MINUTE_MS],
  ['an hour back', -HOUR_MS],
  ['a second back', -1_000],
] as const) {
  test(`Z1: the clock is set ${what}: who is signed in stays so, others come in, and every claim is of now`, async (t) => {
    const { foyer, jump } = await withClock(t);
    const { browser, session } = await foyer.visitor();
    jump(jumpMs);
    // A grant that says it is from the future is none; the session is good, so the browser gets another without a sign-in.
    assert.ok([200, 401].includes(await foyer.status(browser)));
    assert.equal((await browser.open(URL_OF_APP, session)).answer.body, 'wiki');
    assert.equal(await foyer.status(browser), 200);
    shownNow(foyer);
    await foyer.visitor();
    shownNow(foyer);
    assert.deepEqual(
      foyer.lines.filter(({ level }) => Number(level) >= 50),
      [],
    );
  });
}

test('Z1: a year forward and back again: every session is over, and none of them lives again', async (t) => {
  const { foyer, jump } = await withClock(t);
  const { browser, session } = await foyer.visitor();
  jump(YEAR_MS);
  // What the change feed confirmed is a year old for a moment: nobody is let in before it is heard of again.
  await foyer.until(async () => {
    const status = await foyer.status(browser);
    assert.ok(status === 503 || status === 401, String(status));
    return status === 401;
  });
  jump(-YEAR_MS);
  assert.equal(await foyer.status(browser), 401);
  await foyer.until(async () => (await loadSession(foyer.store, session.id)) === null);
  await foyer.visitor();
  assert.equal(await foyer.status(browser), 401, 'for good');
});

test('Z1: a code is good for its minute, whatever the clock does meanwhile', async (t) => {
  for (const jumpMs of [61_000, HOUR_MS, -3 * MINUTE_MS, -HOUR_MS]) {
    const { foyer, jump } = await withClock(t);
    const finish = await foyer.beginVisit(await foyer.person());
    jump(jumpMs);
    assert.notEqual(await finish(), 'granted', `${jumpMs} ms`);
    if (jumpMs !== 61_000) continue;
    jump(-jumpMs);
    assert.notEqual(await finish(), 'granted', 'and it is used up');
  }
  const { foyer, jump } = await withClock(t);
  const finish = await foyer.beginVisit(await foyer.person());
  jump(-30_000);
  assert.equal(await finish(), 'granted', 'half a minute is nothing');
});

test('Z1: a certificate that comes to its end while Foyer runs is an alarm, again and again', async (t) => {
  t.mock.timers.enable({ apis: ['Date'], now: Date.now() });
  const authority = await createAuthority('Test');
  const leaf = await authority.issue({ names: ['wiki.test'], notAfter: new Date(Date.now() + 30 * 24 * HOUR_MS) });
  const text = { certFile: 'cert.pem', keyFile: 'key.pem', ...leaf };
  const lines: string[] = [];
  const log = { warn: (fields: { alarm?: boolean }, sentence: string) => lines.push(`${fields.alarm} ${sentence}`) };
  const watching = watchDates(() => [text], log as never, 1);
  t.after(() => clearInterval(watching));
  const ticks = async () => {
    for (let tick = 0; tick < 5; tick += 1) await new Promise((resolve) => setTimeout(resolve, 5));
  };
  await ticks();
  assert.deepEqual(lines, []);
  t.mock.timers.setTime(Date.now() + 20 * 24 * HOUR_MS);
  await ticks();
  assert.match(lines[0] ?? '', /^true The certificate cert\.pem expires on .+: renew it/);
  t.mock.timers.setTime(Date.now() + 20 * 24 * HOUR_MS);
  await ticks();
  assert.match(lines.at(-1) ?? '', /^true The certificate cert\.pem expired on/);
});

/** A gateway whose wall clock only the test moves; the clock of durations goes on as ever. */
async function withClock(t: TestContext): Promise<{ foyer: RealGateway; jump(ms: number): void }> {
  t.mock.timers.reset();
  t.mock.timers.enable({ apis: ['Date'], now: Date.now() });
  const foyer = await startRealGateway(t, temporaryFolder(t));
  return { foyer, jump: (ms) => t.mock.timers.setTime(Date.now() + ms) };
}

function shownNow(foyer: RealGateway): void {
  const { exp, iat } = foyer.claims();
  const now = Date.now() / 1000;
  assert.ok(Math.abs(now - iat) <= 60, `${now - iat} s`);
  assert.ok(exp > now);
}
