// The promise about names that were heard: a portal that cannot be reached takes none of them away, one that refuses the token takes all.
import assert from 'node:assert/strict';
import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { type TestContext, test } from 'node:test';
import { pino } from 'pino';
import type { Asked } from '#server/cli/portal-client.ts';
import { nameText } from '#server/dns/name.ts';
import { followPortalNames } from './follow-portal.ts';

const NAMES = {
  ...{ version: 'v1', zone: 'yourorg.zt.net', search: [], ttlSeconds: 60, records: [] },
  ...{ machines: [{ name: 'Win-A', address: '100.64.0.1' }], apps: ['wiki.corp.example'] },
};
const HEARD: Asked = { kind: 'answer', status: 200, json: NAMES };
const refused = (status: number): Asked => ({ kind: 'refused', status, detail: `It says ${status}.`, error: null });
const AWAY: Asked = { kind: 'unreachable', sentence: 'Nobody answers.' };

/** Follows a portal that answers so, one after the other; resolves when the last was asked for, with what is known after each. */
async function followed(t: TestContext, answers: readonly Asked[], folder = newFolder(t)) {
  const tokenFile = join(folder, 'token');
  writeFileSync(tokenFile, 'foyer_x\n');
  const lines: { level: number; msg: string }[] = [];
  const log = pino({ level: 'info' }, { write: (line) => void lines.push(JSON.parse(line)) });
  const known: string[] = [];
  const left = [...answers];
  let all = () => {};
  const over = new Promise<void>((resolve) => {
    all = resolve;
  });
  let current = () => '';
  const ask = async (): Promise<Asked> => {
    if (left.length < answers.length) known.push(current());
    const next = left.shift();
    if (next === undefined) all();
    return next ?? AWAY;
  };
  const client = { origin: 'https://portal.example', ask };
  const pace = { everyMs: 0, retryMs: 0 };
  const following = await followPortalNames({ client, tokenFile, log, pace }, () => {});
  current = () => {
    const { gatewayHosts, machines } = following.current();
    const inZones = machines.map(({ zone }) => [...zone.nodes.values()].filter((node) => node.length > 0).length - 1);
    return `${gatewayHosts.map(nameText).join(' ')} | ${inZones.join(' ')}`;
  };
  await over;
  await following.stop();
  return { known, lines: lines.filter(({ msg }) => !msg.includes('Nobody answers')) };
}

function newFolder(t: TestContext): string {
  const folder = mkdtempSync(join(tmpdir(), 'foyer-portal-names-'));
  t.after(() => rmSync(folder, { recursive: true }));
  return folder;
}

const ALL = 'portal.example wiki.corp.example | 1';

test('a portal that is away, overloaded or broken leaves every name as it was', async (t) => {
  const { known, lines } = await followed(t, [HEARD, AWAY, refused(429), refused(500), refused(503), HEARD]);
  assert.deepEqual(known, [ALL, ALL, ALL, ALL, ALL, ALL]);
  assert.ok(lines.every(({ msg }) => !msg.includes('dropped')));
});

for (const status of [401, 403]) {
  test(`a token that is refused (${status}) takes every name with it, at once and told once; the zone is asked for nowhere else`, async (t) => {
    const { known, lines } = await followed(t, [HEARD, refused(status), refused(status), AWAY, HEARD]);
    assert.deepEqual(known, [ALL, 'portal.example | 0', 'portal.example | 0', 'portal.example | 0', ALL]);
    const dropped = lines.filter(({ msg }) => msg.includes('dropped'));
    assert.deepEqual(
      dropped.map(({ level, msg }) => [level, msg]),
      [[50, `the portal’s names are not followed, and what was heard before is dropped: It says ${status}.`]],
    );
  });
}

test('a token that reads the names of apps no more is as one that is refused', async (t) => {
  const { apps: _, ...fewer } = NAMES;
  const { known } = await followed(t, [HEARD, { kind: 'answer', status: 200, json: fewer }, HEARD]);
  assert.deepEqual(known, [ALL, 'portal.example | 0', ALL]);
});

test('F7: what was heard last is answered by after a restart too, while the portal is away', async (t) => {
  const folder = newFolder(t);
  await followed(t, [HEARD], folder);
  const { known } = await followed(t, [AWAY, AWAY, HEARD], folder);
  assert.deepEqual(known, [ALL, ALL, ALL]);
});

test('F7: what was dropped stays dropped over a restart, and the zone is still asked for nowhere else', async (t) => {
  const folder = newFolder(t);
  await followed(t, [HEARD, refused(401)], folder);
  const { known } = await followed(t, [AWAY, refused(401)], folder);
  assert.deepEqual(known, ['portal.example | 0', 'portal.example | 0']);
});

test('the portal is found inside before anything was heard, and the gateway by its own name once it was', async (t) => {
  const named: Asked = { kind: 'answer', status: 200, json: { ...NAMES, gateway: 'gw.example' } };
  const { known } = await followed(t, [AWAY, named]);
  assert.deepEqual(known, ['portal.example | ', 'portal.example wiki.corp.example gw.example | 1']);
});

test('a folder that takes no file is said once, and the names are followed all the same', async (t) => {
  const folder = newFolder(t);
  mkdirSync(join(folder, 'token.names'));
  const other: Asked = { kind: 'answer', status: 200, json: { ...NAMES, version: 'v2' } };
  const { known, lines } = await followed(t, [HEARD, other], folder);
  assert.deepEqual(known, [ALL, ALL]);
  assert.equal(lines.filter(({ msg }) => msg.includes('cannot be kept for the next start')).length, 1);
});
