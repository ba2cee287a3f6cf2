// D12 on real files: a list is swapped whole when its file changes, and a bad one leaves the last good names in force.
import assert from 'node:assert/strict';
import { mkdtempSync, renameSync, rmSync, writeFileSync } from 'node:fs';
import { open } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { monitorEventLoopDelay } from 'node:perf_hooks';
import { after, test } from 'node:test';
import { pino } from 'pino';
import { type BlockLists, createBlockLists } from './block-lists.ts';
import { NO_DOMAINS } from './dns/names.ts';
import { name } from './dns/packet.testing.ts';
import { watchFiles } from './watch-files.ts';

const folder = mkdtempSync(join(tmpdir(), 'foyer-lists-'));
after(() => rmSync(folder, { recursive: true }));

function startLists() {
  const lines: { msg: string; level: number; names?: number }[] = [];
  const log = pino({ level: 'info' }, { write: (line: string) => void lines.push(JSON.parse(line)) });
  return { lists: createBlockLists(log), lines };
}

function sizeOf(lists: BlockLists, ...files: string[]): number {
  return lists.domains({ files, names: NO_DOMAINS }).size;
}

function many(count: number): string {
  return Array.from({ length: count }, (_, at) => `d${at}.example\n`).join('');
}

test('D12: each bad content leaves the last good one, with one error line that says why', async () => {
  const file = join(folder, 'bad.txt');
  const { lists, lines } = startLists();
  writeFileSync(file, many(5_000));
  await lists.read([file], [file]);
  assert.equal(sizeOf(lists, file), 5_000);
  const bad: [string, RegExp][] = [
    ['', /bad\.txt is empty\. The 5000 names of before stay in force/],
    ['<html><body>404</body></html>', /HTML/],
    ['\x1f\x8b\x08\x00', /cannot be read|gzip|NUL/],
    [many(2_400), /had 5,000 names and now has 2,400, less than half.*start foyer nameserver again/],
    [many(50_001), /more than ten times/],
    [`${many(5_000)}\0`, /NUL/],
  ];
  for (const [content, sentence] of bad) {
    writeFileSync(file, content, 'latin1');
    lines.length = 0;
    await lists.read([file], [file]);
    assert.equal(lines.length, 1, JSON.stringify(lines));
    assert.match(lines[0]?.msg ?? '', sentence);
    assert.equal(lines[0]?.level, 50);
    assert.equal(sizeOf(lists, file), 5_000);
  }
  rmSync(file);
  await lists.read([file], [file]);
  assert.equal(sizeOf(lists, file), 5_000);
  writeFileSync(file, many(6_000));
  await lists.read([file], [file]);
  assert.equal(sizeOf(lists, file), 6_000);
});

test('a list that nobody names any more is forgotten, and one that was never good has no names', async () => {
  const [one, other] = [join(folder, 'one.txt'), join(folder, 'other.txt')];
  const { lists, lines } = startLists();
  writeFileSync(one, 'a.example\n');
  await lists.read([one, other], [one, other]);
  assert.match(lines.find(({ level }) => level === 50)?.msg ?? '', /other\.txt cannot be read.*not in force/);
  assert.equal(sizeOf(lists, one, other), 1);
  await lists.read([], [other]);
  assert.equal(sizeOf(lists, one, other), 0);
});

test('D12: five million lines are given up on, and meanwhile everything else goes on', async () => {
  const file = join(folder, 'huge.txt');
  const handle = await open(file, 'w');
  for (let block = 0; block < 100; block++)
    await handle.write(Array.from({ length: 50_000 }, (_, at) => `d${block}-${at}.com\n`).join(''));
  await handle.close();
  const { lists, lines } = startLists();
  const delay = monitorEventLoopDelay({ resolution: 5 });
  delay.enable();
  await lists.read([file], [file]);
  delay.disable();
  assert.match(lines[0]?.msg ?? '', /more than 1,000,000 names|larger than 64 MB/);
  assert.equal(sizeOf(lists, file), 0);
  assert.ok(delay.max / 1e6 < 500, `${delay.max / 1e6} ms`);
});

test('a file that is written, replaced, removed or made is noticed; by its dates alone too', async () => {
  const [kept, late] = [join(folder, 'kept.txt'), join(folder, 'late.txt')];
  writeFileSync(kept, 'a');
  const changes: string[] = [];
  let told = () => {};
  const watch = watchFiles(50);
  await watch.use([kept, late]);
  watch.start((paths) => {
    changes.push(...paths);
    told();
  });
  const steps: [string, () => void][] = [
    [kept, () => writeFileSync(kept, 'longer')],
    [
      kept,
      () => {
        writeFileSync(`${kept}.new`, 'other');
        renameSync(`${kept}.new`, kept);
      },
    ],
    [kept, () => rmSync(kept)],
    [late, () => writeFileSync(late, 'made')],
  ];
  for (const [path, change] of steps) {
    const noticed = new Promise<void>((resolve) => {
      told = resolve;
    });
    change();
    await noticed;
    assert.equal(changes.at(-1), path);
  }
  watch.stop();
});

test('a change between the reading and the watching is told when somebody listens, and one of others later too', async () => {
  const file = join(folder, 'early.txt');
  writeFileSync(file, 'as it was read');
  const watch = watchFiles(50);
  await watch.use([file]);
  writeFileSync(file, 'and changed');
  // Whoever reads something else meanwhile loses nothing.
  await watch.use([file, join(folder, 'another.txt')]);
  const told = await new Promise((resolve) => watch.start(resolve));
  assert.deepEqual(told, [file]);
  watch.stop();
});

test('a new list is asked at once', async () => {
  const file = join(folder, 'swap.txt');
  const { lists } = startLists();
  writeFileSync(file, '||ads.example^\n');
  await lists.read([file], [file]);
  const before = lists.domains({ files: [file], names: NO_DOMAINS });
  writeFileSync(file, '||tracker.example^\n');
  await lists.read([file], [file]);
  const now = lists.domains({ files: [file], names: NO_DOMAINS });
  assert.equal(before.match(name('ads.example')), 'ads.example');
  assert.equal(now.match(name('ads.example')), null);
  assert.equal(now.match(name('tracker.example')), 'tracker.example');
});
