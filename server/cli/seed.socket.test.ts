// The seed's steps as a person types them: on a network of its own, at 127.0.0.53 and port 53, the portal behind a private authority (ST1, ST3).
import assert from 'node:assert/strict';
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { after, before, describe, test } from 'node:test';
import type { Child } from '../../e2e/system/child.ts';
import { createAuthority } from '../certificates.testing.ts';
import { noNetworks, type SmallInternet, startSmallInternet } from '../internet.testing.ts';
import { addMachine } from '../store/machines.ts';
import { saved, signedIn } from '../store/testing/temporary-store.ts';
import { type Organisation, startOrganisation } from './organisation.testing.ts';

describe('a machine on a network of its own', { skip: noNetworks() ?? false }, () => {
  let internet: SmallInternet;
  let org: Organisation;
  let folder: string;
  let authorityFile: string;
  let linuxC: string;
  let up: Child;

  before(async () => {
    folder = mkdtempSync(join(tmpdir(), 'foyer-seed-'));
    const write = (name: string, text: string) => {
      const file = join(folder, name);
      writeFileSync(file, text, { mode: 0o600 });
      return file;
    };
    const authority = await createAuthority('The organisation');
    const { cert, key } = await authority.issue({ names: ['portal.localhost'] });
    authorityFile = write('ca.pem', authority.pem);
    const certificate = { certFile: write('portal.crt', cert), keyFile: write('portal.key', key) };
    internet = await startSmallInternet();
    org = await startOrganisation({ machine: internet.home, certificate });
    saved(await addMachine(org.store, await signedIn(org.store, org.people.linus ?? ''), { name: 'Win-A' }));
    linuxC = org.stateDir();
  });
  after(async () => {
    // What a test left in the background.
    await org?.run(['down', '--state-dir', linuxC]);
    await org?.stop();
    await internet?.stop();
    rmSync(folder, { recursive: true });
  });

  const login = async (dir: string, more: readonly string[], env: Record<string, string> = {}) =>
    org.run(['login', '--portal', org.foyer.portalUrl, '--state-dir', dir, ...more], {
      input: await org.loginToken('grace'),
      env,
    });

  async function bringUp(): Promise<void> {
    const config = join(folder, 'nameserver.json');
    writeFileSync(config, JSON.stringify({ upstreamCa: internet.caFile }));
    up = org.start(['up', '--name', 'Linux-C', '--config', config, '--state-dir', linuxC]);
    assert.match(await up.line(/ is up/), /answers DNS at 127\.0\.0\.53(:53)?\.$/);
  }

  const ask = (name: string) => internet.atHome('nslookup', '-timeout=7', '-retry=0', name, '127.0.0.53');

  test('a portal behind a private authority is asked when the authority is named, once and for all, and only then', async () => {
    const refused = await login(linuxC, []);
    assert.equal(refused.code, 1);
    assert.match(
      refused.stderr,
      /^The certificate of https:\/\/portal\.localhost:\d+ is from nobody whom this machine trusts/,
    );
    const missing = await login(linuxC, ['--ca', join(folder, 'none.pem')]);
    assert.match(missing.stderr, /cannot be used \(ENOENT\)\. Name a PEM file with --ca, or in FOYER_UPSTREAM_CA\.$/m);
    writeFileSync(join(folder, 'none.pem'), 'no certificate');
    const useless = await login(linuxC, ['--ca', join(folder, 'none.pem')]);
    assert.match(
      useless.stderr,
      /cannot be used \(it holds no certificate\)\. Name a PEM file with --ca, or in FOYER_UPSTREAM_CA\.$/m,
    );
    assert.equal((await login(org.stateDir(), [], { NODE_EXTRA_CA_CERTS: authorityFile })).code, 0);
    assert.equal((await login(linuxC, ['--ca', authorityFile])).code, 0);
    const query = await org.run(['dns', 'query', 'Win-A', '--state-dir', linuxC]);
    assert.equal(query.lines, 'Win-A.yourorg.zt.net -> 100.64.0.1\n');
  });

  test('ST1.1 ST1.2 ST1.3 ST1.4 ST1.5: with every way out dropped a machine is still found and nothing leaves; public names fail, and work again', async () => {
    await bringUp();
    assert.match(await ask('Win-A'), /Address: 100\.64\.0\.1/);
    await internet.drop('tcp dport 853', 'udp dport 53');
    const before = await internet.outgoing();
    assert.match(await ask('Win-A'), /Address: 100\.64\.0\.1/);
    assert.match(await ask('win-a.ztna'), /Address: 100\.64\.0\.1/);
    assert.match(await ask('Win-Z.yourorg.zt.net'), /NXDOMAIN/);
    assert.deepEqual(await internet.outgoing(), before, 'not one packet');
    const asked = Date.now();
    assert.match(await ask('www.example.com'), /SERVFAIL/);
    assert.ok(Date.now() - asked < 6_500);
    await internet.dropNothing();
    for (const end = Date.now() + 10_000; !/Address: 203\.0\.113\.80/.test(await ask('www.example.com')); )
      assert.ok(Date.now() < end, 'public names work again without a restart');
  });

  test('ST3.1 ST3.2 ST3.3 ST3.4: foyer down, nslookup fails, foyer dns query prints the address; foyer up, and nslookup works', async () => {
    const down = await org.run(['down', '--state-dir', linuxC]);
    assert.equal(down.code, 0, down.lines);
    assert.match(await ask('Win-A'), /refused|timed out|no servers could be reached/);
    const query = await org.run(['dns', 'query', 'Win-A', '--state-dir', linuxC]);
    assert.deepEqual([query.code, query.stdout], [0, 'Win-A.yourorg.zt.net -> 100.64.0.1\n']);
    await bringUp();
    assert.match(await ask('Win-A'), /Address: 100\.64\.0\.1/);
  });

  test('--detach: it goes on in the background until down, and says what keeps it from starting', async () => {
    await org.run(['down', '--state-dir', linuxC]);
    const args = ['up', '--detach', '--state-dir', linuxC];
    const started = await org.run(args);
    assert.equal(started.code, 0, started.lines);
    assert.match(
      started.stdout,
      /^Linux-C \(100\.64\.0\.2\) is up in the background, and answers DNS at 127\.0\.0\.53/,
    );
    assert.match(await ask('Win-A'), /Address: 100\.64\.0\.1/);
    const twice = await org.run(args);
    assert.deepEqual([twice.code, /runs here already/.test(twice.stderr)], [1, true], twice.lines);
    assert.match((await org.run(['down', '--state-dir', linuxC])).stdout, /^Down: /);
    const broken = join(folder, 'broken.json');
    writeFileSync(broken, '{"listen": ["nowhere"]}');
    const failed = await org.run([...args, '--config', broken]);
    assert.equal(failed.code, 1);
    assert.match(failed.stderr, /broken\.json: listen\.0: This is no listening address/);
  });
});
