// What the benches read from the kernel, from h2load and from V8, and what they make of it.
import assert from 'node:assert/strict';
import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { readdirSync } from 'node:fs';
import { join } from 'node:path';
import { test } from 'node:test';
import { seededRandom } from '#server/core/seeded-random.testing.ts';
import { commandLine, cpuMicroseconds, processTree, readStat } from './cpu.ts';
import { readDnsperf } from './dnsperf.ts';
import { readH2load } from './h2load.ts';
import { percentile } from './load/percentile.ts';
import { fillTemplate } from './peers/template.ts';
import { median } from './rounds.ts';
import { byFile, selfTimes } from './self-time.ts';
import { slope } from './slope.ts';

test('a process’s name may hold spaces and brackets', () => {
  const fields = [
    'S',
    ...Array.from({ length: 10 }, () => '7'),
    '250',
    '50',
    '0',
    '0',
    '20',
    '0',
    '11',
    '0',
    '90210',
    '1',
  ];
  const stat = `4711 (node (v8) ) x) ${fields.join(' ')}`;
  assert.deepEqual(readStat(stat), { userTicks: 250, systemTicks: 50, startTicks: 90210 });
  assert.throws(() => readStat('4711'), /no process’s stat/);
});

test('the CPU time of this process is there and does not go back', { skip: process.platform !== 'linux' }, () => {
  const before = cpuMicroseconds(process.pid);
  assert.ok(before >= 0 && cpuMicroseconds(process.pid) >= before);
});

const H2LOAD = `starting benchmark...
Application protocol: http/1.1

finished in 2.20ms, 45413.26 req/s, 6.58MB/s
requests: 100 total, 100 started, 100 done, 97 succeeded, 2 failed, 1 errored, 0 timeout
status codes: 97 2xx, 0 3xx, 1 4xx, 1 5xx
traffic: 14.84KB (15200) total, 10.55KB (10800) headers (space savings 0.00%), 500B (500) data
                     min         max         mean         sd        +/- sd
`;

test('h2load’s report tells what failed, and how much came', () => {
  const { seconds, ...counts } = readH2load(H2LOAD);
  assert.deepEqual(counts, { answered: 100, ok: 97, failed: 3, other: 2, bodyBytes: 500 });
  assert.ok(Math.abs(seconds - 0.0022) < 1e-9);
  assert.equal(readH2load(H2LOAD.replace('2.20ms', '10.50s')).seconds, 10.5);
  assert.throws(() => readH2load('error: could not connect'), /said something else/);
});

test('self time is the time until the next sample, without what is idle', () => {
  const frame = (functionName: string, url: string, lineNumber: number) => ({ functionName, url, lineNumber });
  const found = selfTimes(
    {
      nodes: [
        { id: 1, callFrame: frame('(idle)', '', -1) },
        { id: 2, callFrame: frame('serve', 'file:///here/server/http/handle.ts', 9) },
        { id: 3, callFrame: frame('writev', '', -1) },
        { id: 4, callFrame: frame('serve', 'file:///here/server/http/handle.ts', 9) },
      ],
      samples: [2, 1, 3, 4, 2],
      timeDeltas: [5, 100, 900, 30, 50],
    },
    '/here',
  );
  const serve = { name: 'serve', place: 'server/http/handle.ts:10', us: 150 };
  assert.deepEqual(found, [serve, { name: 'writev', place: '', us: 30 }]);
  assert.deepEqual(
    byFile(found).map(({ place, us }) => [place, us]),
    [
      ['server/http/handle.ts', 150],
      ['native code and the kernel', 30],
    ],
  );
});

test('median, percentile, slope and the seeded draw are what their names say', () => {
  assert.equal(median([9, 1, 5]), 5);
  assert.equal(median([4, 1, 3, 2]), 2.5);
  const hundred = Array.from({ length: 100 }, (_, at) => at + 1);
  assert.deepEqual([percentile(hundred, 0.5), percentile(hundred, 0.99), percentile([7], 0.99)], [50, 99, 7]);
  assert.equal(slope([10, 20, 30].map((at) => ({ at, value: 2 * at + 5 }))), 2);
  const [one, same] = [seededRandom(1), seededRandom(1)];
  assert.deepEqual(Array.from({ length: 50 }, one), Array.from({ length: 50 }, same));
});

test('every committed configuration of a peer has a value for each of its names, and says so when one is missing', () => {
  const dns = ['upstreamPort', 'hostsFile', 'recordsFile', 'blockFile', 'localZone', 'cachedZone', 'user'];
  const names = [
    'dir',
    'port',
    'tlsPort',
    'origin',
    'authPort',
    'host',
    'certFile',
    'keyFile',
    'bothFile',
    'kilobyte',
    ...dns,
  ];
  const values = Object.fromEntries(names.map((name) => [name, 'value']));
  const files = readdirSync(join(import.meta.dirname, 'peers')).filter((file) => !file.endsWith('.ts'));
  assert.equal(files.length, 7);
  for (const file of files) assert.doesNotMatch(fillTemplate(file, values), /\{\{/);
  assert.throws(() => fillTemplate('nginx.conf', {}), /nginx\.conf wants a value for dir/);
});

test('a query of dnsperf’s that was lost, or answered with another code, has failed', () => {
  const text = `
  Queries sent:         1000
  Queries completed:    990 (99.00%)
  Queries lost:         10 (1.00%)

  Response codes:       NOERROR 900 (90.91%), NXDOMAIN 90 (9.09%)
  Queries per second:   98765.432100`;
  assert.deepEqual(readDnsperf(text, 'NOERROR'), { answered: 990, failed: 100, perSecond: 98765.4321 });
  assert.equal(readDnsperf(text, 'SERVFAIL').failed, 1000);
  assert.throws(() => readDnsperf('dnsperf: cannot resolve', 'NOERROR'), /said something else/);
});

test('a process that has ended between two looks has no command line and no children, and is no error', async () => {
  const child = spawn(process.execPath, ['--version'], { stdio: 'ignore' });
  await once(child, 'exit');
  const pid = child.pid ?? 0;
  assert.equal(commandLine(pid), '');
  assert.deepEqual(processTree(pid), [pid]);
  assert.ok(commandLine(process.pid).includes('node'));
});
