// D12 on real files: a list is swapped whole when its file changes, and a bad one leaves the last good names in force.
import assert from 'node:assert/strict';
import { mkdtempSync, readdirSync, renameSync, rmSync, utimesSync, writeFileSync } from 'node:fs';
import { open } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { basename, join } from 'node:path';
import { monitorEventLoopDelay } from 'node:perf_hooks';
import { after, test } from 'node:test';
import { pino } from 'pino';
import { NO_DOMAINS } from '#server/dns/names.ts';
import { name } from '#server/dns/packet.testing.ts';
import { type BlockLists, createBlockLists } from './block-lists.ts';
import { watchFiles } from './watch-files.ts';

const folder = mkdtempSync(join(tmpdir(), 'foyer-lists-'));
after(() => rmSync(folder, { recursive: true }));

function startLists(stateDir: string | null = null) {
  const lines: { msg: string; level: number; names?: number }[] = [];
  const log = pino({ level: 'info' }, { write: (line: string) => void lines.push(JSON.parse(line)) });
  const lists = createBlockLists(log, stateDir);
  const read = (paths: readonly string[], named: readonly string[], isAsked = false) =>
    lists.read(paths, named, { isAsked });
  return { lists, read, lines };
}

function sizeOf(lists: BlockLists, ...files: string[]): number {
  return lists.domains({ files, names: NO_DOMAINS }).size;
}

function many(count: number): string {
  return Array.from({ length: count }, (_, at) => `d${at}.example\n`).join('');
}

test('D12: each bad content leaves the last good one, with one error line that says why', async () => {
  const file = join(folder, 'bad.txt');
  const { lists, read, lines } = startLists();
  writeFileSync(file, many(5_000));
  await read([file], [file]);
  assert.equal(sizeOf(lists, file), 5_000);
  const bad: [string, RegExp][] = [
    ['', /bad\.txt is empty\. The 5000 names of before stay in force/],
    ['<html><body>404</body></html>', /HTML/],
    ['\x1f\x8b\x08\x00', /cannot be read|gzip|NUL/],
    [
      many(2_400),
      /had 5,000 names and now has 2,400, less than half.*if the new list is right, send SIGHUP twice within ten minutes to take it\./,
    ],
    [many(50_001), /more than ten times/],
    [`${many(5_000)}\0`, /NUL/],
  ];
  for (const [content, sentence] of bad) {
    writeFileSync(file, content, 'latin1');
    lines.length = 0;
    await read([file], [file]);
    assert.equal(lines.length, 1, JSON.stringify(lines));
    assert.match(lines[0]?.msg ?? '', sentence);
    assert.equal(lines[0]?.level, 50);
    assert.equal(sizeOf(lists, file), 5_000);
  }
  rmSync(file);
  await read([file], [file]);
  assert.equal(sizeOf(lists, file), 5_000);
  writeFileSync(file, many(6_000));
  await read([file], [file]);
  assert.equal(sizeOf(lists, file), 6_000);
});

test('D12: a sudden change that was refused is taken when somebody asks for the very same one, and no other', async () => {
  const file = join(folder, 'sudden.txt');
  const { lists, read, lines } = startLists();
  const write = (count: number) => writeFileSync(file, many(count));
  write(5_000);
  await read([file], [file]);
  write(2_000);
  await read([file], [file], true);
  assert.match(lines.at(-1)?.msg ?? '', /send SIGHUP again within ten minutes to take it\.$/);
  await read([file], [file]);
  assert.equal(sizeOf(lists, file), 5_000, 'a file that is written again is nobody’s word');
  writeFileSync(file, many(2_000).replace('d7.', 'e7.'));
  await read([file], [file], true);
  assert.equal(sizeOf(lists, file), 5_000, 'as long, and another');
  await read([file], [file], true);
  assert.equal(sizeOf(lists, file), 2_000);
  assert.equal(
    lists.domains({ files: [file], names: NO_DOMAINS }).match(name('e7.example')),
    `e7.example in ${basename(file)}`,
  );
  write(1);
  await read([file], [file]);
  await read([file], [file], true);
  assert.equal(sizeOf(lists, file), 2_000, 'a signal may be sent for another reason');
  await read([file], [file], true);
  assert.equal(sizeOf(lists, file), 1);
});

test('D12: a start whose list is bad or gone has the names of the last good one, with one line that says from when', async () => {
  const state = mkdtempSync(join(folder, 'state-'));
  const [file, other] = [join(folder, 'start.txt'), join(folder, 'other-start.txt')];
  writeFileSync(file, 'a.example\nb.example\n');
  const first = startLists(state);
  await first.read([file], [file]);
  writeFileSync(file, '<html>');
  await first.read([file], [file]);
  const [copy = ''] = readdirSync(join(state, 'lists'));
  utimesSync(join(state, 'lists', copy), 1_780_000_000, 1_780_000_000);
  for (const spoil of [() => writeFileSync(file, ''), () => writeFileSync(file, '<html>'), () => rmSync(file)]) {
    spoil();
    const { lists, read, lines } = startLists(state);
    await read([file, other], [file, other]);
    const [line] = lines.filter(({ msg }) => msg.includes(file));
    assert.match(line?.msg ?? '', /The 2 names of the copy from 2026-05-28T20:26:40\.000Z are in force\.$/);
    assert.deepEqual([line?.level, lines.length, sizeOf(lists, file)], [40, 2, 2]);
    assert.match(lines[1]?.msg ?? '', /other-start\.txt cannot be read.*not in force/);
  }
  const { read } = startLists(state);
  await read([other], [other]);
  assert.deepEqual(readdirSync(join(state, 'lists')), [], 'nobody names it any more');
});

test('a list that cannot be kept counts all the same', async () => {
  const file = join(folder, 'unkept.txt');
  const { lists, read, lines } = startLists(join(folder, 'none'));
  writeFileSync(file, 'a.example\n');
  await read([file], [file]);
  assert.equal(sizeOf(lists, file), 1);
  assert.deepEqual(
    lines.map(({ level, msg }) => [level, msg]),
    [
      [30, 'a list of domains was read'],
      [40, 'a list of domains could not be kept for the next start'],
    ],
  );
});

test('a list that nobody names any more is forgotten, and one that was never good has no names', async () => {
  const [one, other] = [join(folder, 'one.txt'), join(folder, 'other.txt')];
  const { lists, read, lines } = startLists();
  writeFileSync(one, 'a.example\n');
  await read([one, other], [one, other]);
  assert.match(lines.find(({ level }) => level === 50)?.msg ?? '', /other\.txt cannot be read.*not in force/);
  assert.equal(sizeOf(lists, one, other), 1);
  await read([], [other]);
  assert.equal(sizeOf(lists, one, other), 0);
});

test('D12: five million lines are given up on, and meanwhile everything else goes on', async () => {
  const file = join(folder, 'huge.txt');
  const handle = await open(file, 'w');
  for (let block = 0; block < 100; block++)
    await handle.write(Array.from({ length: 50_000 }, (_, at) => `d${block}-${at}.com\n`).join(''));
  await handle.close();
  const { lists, read, lines } = startLists();
  const delay = monitorEventLoopDelay({ resolution: 5 });
  delay.enable();
  await read([file], [file]);
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
  const { lists, read } = startLists();
  writeFileSync(file, '||ads.example^\n');
  await read([file], [file]);
  const before = lists.domains({ files: [file], names: NO_DOMAINS });
  writeFileSync(file, '||tracker.example^\n');
  await read([file], [file]);
  const now = lists.domains({ files: [file], names: NO_DOMAINS });
  assert.equal(before.match(name('ads.example')), 'ads.example in swap.txt');
  assert.equal(now.match(name('ads.example')), null);
  assert.equal(now.match(name('tracker.example')), 'tracker.example in swap.txt');
});
