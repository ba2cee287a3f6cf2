// The promise of a disk that is full: who is signed in goes on, what cannot be written is refused, and all of it comes back by itself.
import assert from 'node:assert/strict';
import { spawn, spawnSync } from 'node:child_process';
import { once } from 'node:events';
import {
  closeSync,
  mkdtempSync,
  openSync,
  readFileSync,
  rmSync,
  statfsSync,
  statSync,
  truncateSync,
  writeSync,
} from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { type TestContext, test } from 'node:test';
import { setTimeout } from 'node:timers/promises';
import { readConfig } from './config.ts';
import { type LogLine, type RealGateway, startRealGateway } from './faults.testing.ts';
import { LogFile } from './log/log-file.ts';
import { prepare } from './prepare.ts';
import { listAudit } from './store/audit.ts';
import { saveSite } from './store/sites.ts';
import { startChild } from './store/testing/child.ts';
import { SYSTEM } from './store/testing/temporary-store.ts';
import { runOnSmallDisk, SMALL_DISK } from './testing/small-disk.ts';

if (SMALL_DISK === null) {
  test('B1 M11: on a disk that gets full and on one that is only for reading (in a process that has such a disk)', (t) => {
    const folder = mkdtempSync(join(tmpdir(), 'foyer-disk-'));
    t.after(() => rmSync(folder, { recursive: true }));
    runOnSmallDisk(import.meta.filename, { folder, size: '24m' });
  });
} else onSmallDisk(SMALL_DISK);

function onSmallDisk(disk: string): void {
  // First, since it counts the pages that are left.
  test('B1: what a full disk cut off in the middle of a line is written again, as a line of its own', async (t) => {
    const file = join(disk, 'cut.log');
    const free = fill(t, disk);
    const filler = join(disk, 'filler');
    const page = statfsSync(disk).bsize;
    truncateSync(filler, statSync(filler).size - page);
    const fd = openSync(file, 'a');
    t.after(() => closeSync(fd));
    const log = new LogFile(fd, { onProblem: () => problem.resolve(), onRecovered: () => {} });
    const problem = Promise.withResolvers<void>();
    const lines = Array.from({ length: 200 }, (_, at) => JSON.stringify({ at, text: 'x'.repeat(200) }));
    log.write(Buffer.from(`${lines.join('\n')}\n`));
    await problem.promise;
    assert.equal(statSync(file).size, page, 'a part of it is there');
    free();
    const written = (): string[] => readFileSync(file, 'utf8').split('\n').slice(0, -1);
    while (written().at(-1) !== lines.at(-1)) await setTimeout(20);
    assert.deepEqual(
      written().filter((line) => line.endsWith('}')),
      lines,
    );
    assert.equal(written().length, lines.length + 1, 'and the piece that was cut off');
  });

  test('B1 M11: the disk gets full: open apps go on, first visits get 503, the audit waits; then all recovers', async (t) => {
    const foyer = await startRealGateway(t, join(disk, 'data'));
    const { browser } = await foyer.visitor();
    const session = await foyer.person();
    const finish = await foyer.beginVisit(session);
    const free = fill(t, disk);
    await assert.rejects(fillStore(foyer.store), { code: 'store-down' });
    assert.equal(await foyer.status(browser), 200, 'who is signed in goes on');
    await assert.rejects(foyer.person(), { code: 'store-down' }, 'nobody signs in');
    assert.equal(await finish(), 503, 'a code that was made before is not taken');
    await foyer.replay(browser);
    await foyer.until(() => foyer.lines.some(isAlarm));
    const alarms = foyer.lines.filter(isAlarm).length;
    assert.equal(await foyer.status(browser), 200);
    free();
    await recovered(foyer);
    await foyer.until(() => foyer.lines.some(({ msg }) => /the audit is written again/.test(msg)));
    await foyer.until(async () => (await visits(foyer)) === 2);
    assert.equal(alarms, 1, 'one outage is one alarm');
    assert.equal(await foyer.status(browser), 200);
  });

  for (const error of ['EIO', 'EROFS']) {
    test(`B1: every write to the disk is ${error}: the same, and the same store is used again`, async (t) => {
      const foyer = await startRealGateway(t, mkdtempSync(join(disk, 'faulty-')));
      const { browser } = await foyer.visitor();
      const session = await foyer.person();
      const finish = await foyer.beginVisit(session);
      const heal = await injure(t, error);
      await assert.rejects(foyer.person(), { code: 'store-down' }, 'nobody signs in');
      assert.equal(await finish(), 503);
      assert.equal(await foyer.status(browser), 200, 'who is signed in goes on');
      await foyer.replay(browser);
      await foyer.until(() => foyer.lines.some(isAlarm));
      await heal();
      await recovered(foyer);
      assert.equal(await foyer.status(browser), 200);
    });
  }

  test('B1: on a disk that is only for reading Foyer does not start, and says why', async () => {
    const data = mkdtempSync(join(disk, 'reading-'));
    const env = { FOYER_PORTAL_URL: 'http://portal.localhost:8080', FOYER_DATA_DIR: data };
    const read = readConfig(env);
    assert.ok(read.kind === 'config');
    const first = await prepare(read.config, env);
    assert.ok(first.kind === 'prepared');
    first.release();
    mount('remount,ro', disk);
    const second = await prepare(read.config, env);
    mount('remount,rw', disk);
    assert.match(second.kind === 'refused' ? second.sentence : '', /^The data directory .+ cannot be .+\.$/);
    const third = await prepare(read.config, env);
    assert.ok(third.kind === 'prepared', JSON.stringify(third));
    third.release();
  });

  test('B1: a log on a full disk costs lines, never the process: it says so once, goes on, and ends in order', async (t) => {
    const log = join(disk, 'foyer.log');
    const program = startChild(t, '../../testing/log-on-disk.ts', [log]);
    assert.equal(await program.line(), 'begun');
    const free = fill(t, disk);
    assert.match((await program.line()) ?? '', /written \d+/);
    assert.match((await program.line()) ?? '', /written \d+/, 'it goes on');
    free();
    while (!readFileSync(log, 'utf8').includes('the log could not be written for a while')) await program.line();
    const again = fill(t, disk);
    const ended = once(program.process, 'exit');
    program.process.send('end');
    assert.deepEqual(await ended, [0, null]);
    again();
  });
}

/** From now on every write with a position, and every sync, of this process fails; SQLite's are such. The function ends it. */
async function injure(t: TestContext, error: string): Promise<() => Promise<void>> {
  const calls = 'pwrite64,fdatasync,fsync';
  const strace = spawn(
    'strace',
    [
      '-f',
      '-qq',
      '-o',
      '/dev/null',
      '-e',
      `trace=${calls}`,
      '-e',
      `inject=${calls}:error=${error}`,
      '-p',
      `${process.pid}`,
    ],
    { stdio: ['ignore', 'ignore', 'inherit'] },
  );
  const ended = once(strace, 'exit');
  const heal = async (): Promise<void> => {
    strace.kill('SIGINT');
    await ended;
  };
  t.after(heal);
  const probe = openSync(join(tmpdir(), `foyer-probe-${process.pid}`), 'w');
  t.after(() => closeSync(probe));
  for (;;) {
    try {
      writeSync(probe, 'x', 0);
      await setTimeout(10);
    } catch {
      return heal;
    }
  }
}

function mount(options: string, folder: string): void {
  const { status, stderr } = spawnSync('mount', ['-o', options, folder], { encoding: 'utf8' });
  assert.equal(status, 0, stderr);
}

/** Asks until somebody can sign in and open the app again, without a restart. */
function recovered(foyer: RealGateway): Promise<void> {
  return foyer.until(() =>
    foyer.visitor().then(
      () => true,
      (error) => {
        assert.equal(error.code, 'store-down', error.stack);
        return false;
      },
    ),
  );
}

/** First visits that the audit knows, that of the outage included. */
async function visits({ store }: RealGateway): Promise<number> {
  const found = await listAudit(store, SYSTEM, { filters: { action: 'handshake-completed' } });
  return found.kind === 'listed' ? found.rows.length : 0;
}

async function fillStore(store: Parameters<typeof saveSite>[0]): Promise<void> {
  for (let n = 0; n < 1_000; n += 1) {
    await saveSite(store, SYSTEM, null, {
      name: `Site ${n}`,
      zones: Array.from({ length: 200 }, (_, at) => `z${at}-${n}.example`),
    });
  }
}

function isAlarm(line: LogLine): boolean {
  return line.alarm === true && /audit|store/.test(line.msg);
}

/** Takes every byte of the disk; the function gives them back. */
function fill(t: TestContext, disk: string): () => void {
  const file = join(disk, 'filler');
  const fd = openSync(file, 'w');
  const block = Buffer.alloc(64 * 1024, 1);
  try {
    for (let size = block.length; size >= 512; size /= 2) {
      try {
        for (;;) writeSync(fd, block, 0, size);
      } catch (error) {
        assert.equal((error as NodeJS.ErrnoException).code, 'ENOSPC');
      }
    }
  } finally {
    closeSync(fd);
  }
  assert.equal(statfsSync(disk).bavail, 0);
  const free = (): void => rmSync(file, { force: true });
  t.after(free);
  return free;
}
