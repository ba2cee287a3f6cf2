// The promises of `foyer up` and `foyer down`, with real processes: portal, resolvers, nslookup (ST3, ST5).
import assert from 'node:assert/strict';
import { readdirSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { after, before, test } from 'node:test';
import { setTimeout as wait } from 'node:timers/promises';
import { type Child, startChild } from '../../e2e/system/child.ts';
import { freePort } from '../../e2e/system/free-port.ts';
import { listLoginTokens, revokeLoginToken } from '../store/login-tokens.ts';
import { listMachines, type MachineLine } from '../store/machine-list.ts';
import { removeMachine } from '../store/machines.ts';
import { SYSTEM, saved, signedIn } from '../store/testing/temporary-store.ts';
import { askUp } from './control.ts';
import { type Organisation, startOrganisation } from './organisation.testing.ts';

let org: Organisation;
before(async () => {
  org = await startOrganisation();
});
after(() => org.stop());

type Machine = {
  dir: string;
  port: number;
  /** Signed in, with a nameserver's file of its own: a free port, and nobody to ask for anything else. */
  args: readonly string[];
  up: Child | null;
};

/** A machine of one person, up. */
async function machineUp(name: string, person: string): Promise<Machine> {
  const dir = org.stateDir();
  const token = await org.loginToken(person);
  const login = ['login', '--portal', org.foyer.portalUrl, '--state-dir', dir];
  assert.equal((await org.run(login, { input: token })).code, 0);
  const port = await freePort();
  const config = join(dir, 'nameserver.json');
  writeFileSync(config, JSON.stringify({ listen: [`127.0.0.1:${port}`], upstreams: [] }));
  const machine: Machine = { dir, port, args: ['--state-dir', dir, '--config', config], up: null };
  await bringUp(machine, name);
  return machine;
}

async function bringUp(machine: Machine, name?: string): Promise<string> {
  machine.up = org.start(['up', ...machine.args, ...(name ? ['--name', name] : [])]);
  return machine.up.line(/ is up, and answers DNS at /);
}

/** What people type in the seed; `code` is not 0 where there is no such name, or nobody answers. */
async function nslookup(name: string, { port }: Machine): Promise<{ code: number | null; said: string }> {
  const child = startChild(['nslookup', '-timeout=1', '-retry=0', `-port=${port}`, name, '127.0.0.1']);
  const { code } = await child.exited;
  return { code, said: child.lines().join('\n') };
}

async function lineOf(name: string): Promise<MachineLine> {
  const listed = await listMachines(org.store, SYSTEM);
  const line = listed.kind === 'listed' ? listed.rows.find((row) => row.name === name) : undefined;
  return line ?? assert.fail(`There is no ${name}.`);
}

const stateOf = async (name: string) => (await lineOf(name)).state;

async function remove(name: string, owner: string): Promise<void> {
  const actor = await signedIn(org.store, org.people[owner] ?? '');
  saved(await removeMachine(org.store, actor, (await lineOf(name)).id));
}

test('ST3.1 ST3.2 ST3.3 ST3.4: down ends the local resolver and not the query over HTTPS; up brings it back, with its name and address', async () => {
  const winA = await machineUp('Win-A', 'linus');
  const linuxC = await machineUp('Linux-C', 'grace');
  assert.match(
    linuxC.up?.lines().join('\n') ?? '',
    /^Linux-C\.yourorg\.zt\.net \(100\.64\.0\.2\) is up, and answers DNS at 127\.0\.0\.1:\d+\.$/m,
  );
  const found = await nslookup('Win-A', linuxC);
  assert.deepEqual([found.code, /Address: 100\.64\.0\.1/.test(found.said)], [0, true], found.said);
  const down = await org.run(['down', '--state-dir', linuxC.dir]);
  assert.deepEqual([down.code, /^Down: /.test(down.stdout)], [0, true], down.lines);
  assert.equal((await linuxC.up?.exited)?.code, 0);
  const refused = await nslookup('Win-A', linuxC);
  assert.notEqual(refused.code, 0);
  assert.match(refused.said, /refused|timed out|no servers could be reached/);
  const query = await org.run(['dns', 'query', 'Win-A', '--state-dir', linuxC.dir]);
  assert.equal(query.stdout, 'Win-A.yourorg.zt.net -> 100.64.0.1\n');
  assert.match(await bringUp(linuxC), /^Linux-C\.yourorg\.zt\.net \(100\.64\.0\.2\) is up/);
  assert.equal((await nslookup('Win-A', linuxC)).code, 0);
  for (const { dir } of [winA, linuxC]) await org.run(['down', '--state-dir', dir]);
});

test('ST5.1 ST5.2 ST5.3 ST5.4 ST5.5: a machine that goes keeps its name, here and at the portal; one that is removed loses it with the next heartbeat', async () => {
  const gone = await machineUp('Win-G', 'linus');
  const stays = await machineUp('Linux-S', 'grace');
  assert.equal((await nslookup('Win-G', stays)).code, 0);
  assert.equal(await stateOf('Win-G'), 'online');
  await org.run(['down', '--state-dir', gone.dir]);
  assert.equal(await stateOf('Win-G'), 'left', 'the last word is heard at once');
  assert.equal((await nslookup('Win-G', stays)).code, 0, 'ST5.3: the list is the one of before');
  const query = await org.run(['dns', 'query', 'Win-G', '--state-dir', stays.dir]);
  assert.equal(query.code, 0, 'ST5.4: the portal answers for machines that are off');
  const before = await namesVersion(stays);
  await nextBeat(stays);
  assert.equal((await nslookup('win-g.yourorg.zt.net', stays)).code, 0, 'ST5.5: it is on the list still');
  assert.equal(await namesVersion(stays), before);
  await remove('Win-G', 'linus');
  assert.equal(
    (await org.run(['dns', 'query', 'Win-G', '--state-dir', stays.dir])).code,
    1,
    'the portal knows at once',
  );
  await untilChanged(stays, before);
  const none = await nslookup('Win-G.yourorg.zt.net', stays);
  assert.match(none.said, /NXDOMAIN/, 'ST5.5: removed');
  await org.run(['down', '--state-dir', stays.dir]);
});

test('a machine that is removed while it is up ends, says so, and answers for nobody’s names', async () => {
  const machine = await machineUp('Stolen', 'grace');
  await remove('Stolen', 'grace');
  assert.equal((await machine.up?.exited)?.code, 1);
  assert.match(machine.up?.lines().join('\n') ?? '', /this machine is none of the organisation’s any more/);
  assert.ok(!readdirSync(machine.dir).includes('names.json'));
  assert.match(
    await bringUp(machine, 'Stolen'),
    /^Stolen\.yourorg\.zt\.net .* is up/,
    'whoever runs it again adds it again',
  );
  await org.run(['down', '--state-dir', machine.dir]);
});

test('a machine ends with the login that let it in; with another login since it goes on', async () => {
  const machine = await machineUp('Lent', 'grace');
  const grace = await signedIn(org.store, org.people.grace ?? '');
  const tokens = async () => {
    const [newest, ...older] = await listLoginTokens(org.store, grace);
    return { newest: newest?.id ?? '', before: older[0]?.id ?? '' };
  };
  const login = ['login', org.foyer.portalUrl, '--state-dir', machine.dir];
  assert.equal((await org.run(login, { input: await org.loginToken('grace') })).code, 0);
  saved(await revokeLoginToken(org.store, grace, (await tokens()).before));
  await machine.up?.line(/this machine was let in again by the login of since/);
  assert.equal((await nslookup('Lent', machine)).code, 0);
  saved(await revokeLoginToken(org.store, grace, (await tokens()).newest));
  assert.equal(await stateOf('Lent'), 'signed-out');
  assert.equal((await machine.up?.exited)?.code, 1);
  assert.match(machine.up?.lines().join('\n') ?? '', /this machine is none of the organisation’s any more/);
  const again = org.start(['up', ...machine.args]);
  await again.line(/Run 'foyer login' first\./);
});

test('with the portal away, up answers by the last list, and down says what runs and what does not', async () => {
  const machine = await machineUp('Far-1', 'grace');
  await org.run(['down', '--state-dir', machine.dir]);
  const file = join(machine.dir, 'machine.json');
  const kept = readFileSync(file, 'utf8');
  const away = { ...JSON.parse(kept), portal: 'http://away.localhost:9' };
  writeFileSync(file, JSON.stringify(away));
  const login = join(machine.dir, 'login.json');
  writeFileSync(login, JSON.stringify({ ...JSON.parse(readFileSync(login, 'utf8')), portal: away.portal }));
  assert.match(await bringUp(machine), /The portal was not heard yet: Nobody answers at http:\/\/away\.localhost:9/);
  assert.equal((await nslookup('Far-1', machine)).code, 0);
  const status = await org.run(['status', '--state-dir', machine.dir]);
  assert.match(status.stdout, /It is up \(process \d+\) and answers DNS at 127\.0\.0\.1:\d+; .*Nobody answers at/);
  const twice = await org.run(['up', ...machine.args]);
  assert.deepEqual([twice.code, /runs here already \(process \d+\)/.test(twice.stderr)], [1, true], twice.lines);
  const down = await org.run(['down', '--state-dir', machine.dir]);
  assert.match(down.stdout, /but the portal could not be told\.$/m);
  const again = await org.run(['down', '--state-dir', machine.dir]);
  assert.deepEqual([again.code, again.stdout], [0, 'Nothing runs here.\n']);
});

test('killed without a last word, its socket and its port are free for the next; down says the word for it', async () => {
  const machine = await machineUp('Crash-1', 'grace');
  await machine.up?.stop('SIGKILL');
  assert.equal(await stateOf('Crash-1'), 'online', 'the portal cannot know yet');
  const down = await org.run(['down', '--state-dir', machine.dir]);
  assert.equal(down.stdout, 'Nothing runs here. The portal knows that this machine went.\n');
  assert.equal(await stateOf('Crash-1'), 'left');
  await bringUp(machine);
  await org.run(['down', '--state-dir', machine.dir]);
});

test('a name that is taken is said; one’s own is taken over when asked to, and nobody else’s is', async () => {
  const first = await machineUp('Twin', 'grace');
  await org.run(['down', '--state-dir', first.dir]);
  for (const [person, sentence] of [
    ['grace', /You have a machine called Twin already.*--replace/],
    ['linus', /There is a machine called Twin already/],
  ] as const) {
    const dir = org.stateDir();
    await org.run(['login', '--portal', org.foyer.portalUrl, '--state-dir', dir], {
      input: await org.loginToken(person),
    });
    const attempt = await org.run(['up', '--name', 'Twin', '--state-dir', dir]);
    assert.deepEqual([attempt.code, sentence.test(attempt.stderr)], [1, true], attempt.lines);
  }
  const bad = await org.run(['up', '--name', 'bad name!', '--state-dir', first.dir]);
  assert.deepEqual([bad.code, /^This is no name .+\n$/.test(bad.stderr)], [1, true], bad.lines);
  const linus = org.stateDir();
  await org.run(['login', '--portal', org.foyer.portalUrl, '--state-dir', linus], {
    input: await org.loginToken('linus'),
  });
  assert.equal((await org.run(['up', '--name', 'Twin', '--replace', '--state-dir', linus])).code, 1);
  const again = org.stateDir();
  await org.run(['login', '--portal', org.foyer.portalUrl, '--state-dir', again], {
    input: await org.loginToken('grace'),
  });
  const config = first.args.at(-1) ?? '';
  const machine = { ...first, dir: again, args: ['--state-dir', again, '--config', config, '--replace'] };
  assert.match(await bringUp(machine, 'Twin'), /^Twin\.yourorg\.zt\.net/);
  await org.run(['down', '--state-dir', again]);
});

test('M10: neither the log nor what commands say holds a token', async () => {
  const machine = await machineUp('Quiet-1', 'grace');
  const tokens = ['login.json', 'machine.json'].map((file) => {
    const { token } = JSON.parse(readFileSync(join(machine.dir, file), 'utf8'));
    return token.slice(6, 40);
  });
  const status = await org.run(['status', '--json', '--state-dir', machine.dir]);
  await org.run(['down', '--state-dir', machine.dir]);
  const said = [...(machine.up?.lines() ?? []), ...org.foyer.child.lines(), status.lines].join('\n');
  for (const token of tokens) assert.ok(!said.includes(token));
});

async function namesVersion({ dir }: Machine): Promise<string> {
  return JSON.parse(readFileSync(join(dir, 'names.json'), 'utf8')).version;
}

/** The next heartbeat was heard by the portal. */
async function nextBeat({ dir }: Machine): Promise<void> {
  const heardAt = async () => (await askUp(dir))?.heardAt;
  const before = await heardAt();
  for (const end = Date.now() + 20_000; (await heardAt()) === before; ) {
    assert.ok(Date.now() < end, 'no heartbeat');
    await wait(50);
  }
}

async function untilChanged(machine: Machine, version: string): Promise<void> {
  for (const end = Date.now() + 20_000; (await namesVersion(machine)) === version; ) {
    assert.ok(Date.now() < end, 'the list did not change');
    await nextBeat(machine);
  }
}
