// The promise of `foyer dns query` while this machine's resolver is down: the portal is asked where it was last, and proves its name there (ST3.3).
import assert from 'node:assert/strict';
import { mkdtempSync, readFileSync, rmSync, statSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { after, before, describe, test } from 'node:test';
import { runCommand, startChild } from '../../e2e/system/child.ts';
import { type Machine, type Network, startNetwork } from '../../e2e/system/network.ts';
import { createAuthority } from '../certificates.testing.ts';
import { noNetworks } from '../internet.testing.ts';
import { addMachine } from '../store/machines.ts';
import { saved, signedIn } from '../store/testing/temporary-store.ts';
import { type Organisation, startOrganisation } from './organisation.testing.ts';

const HOST = 'portal.corp.example';
const RESOLVER = '127.0.0.53';

describe('a machine whose only resolver is down', { skip: noNetworks() ?? false }, () => {
  let folder: string;
  let network: Network;
  let machine: Machine;
  let org: Organisation;
  let dir: string;

  before(async () => {
    folder = mkdtempSync(join(tmpdir(), 'foyer-away-'));
    const write = (name: string, text: string) => {
      const file = join(folder, name);
      writeFileSync(file, text, { mode: 0o600 });
      return file;
    };
    const authority = await createAuthority('The organisation');
    const { cert, key } = await authority.issue({ names: [HOST] });
    const certificate = { certFile: write('portal.crt', cert), keyFile: write('portal.key', key) };
    network = await startNetwork();
    machine = await network.addMachine('home', { dns: RESOLVER });
    org = await startOrganisation({ machine, host: HOST, certificate });
    saved(await addMachine(org.store, await signedIn(org.store, org.people.linus ?? ''), { name: 'Win-A' }));
    dir = org.stateDir();
    // While somebody signs in, the name can be looked up.
    const hosts = write('hosts', `127.0.0.1 ${HOST}\n`);
    await runCommand([...machine.enter, 'mount', '--bind', hosts, '/etc/hosts']);
    const args = ['login', org.foyer.portalUrl, '--ca', write('ca.pem', authority.pem), '--state-dir', dir];
    const { code, lines } = await org.run([...args, '--token-file', '-'], { input: await org.loginToken('grace') });
    assert.equal(code, 0, lines);
    await runCommand([...machine.enter, 'umount', '/etc/hosts']);
  });
  after(async () => {
    await org?.stop();
    await network?.stop();
    rmSync(folder, { recursive: true });
  });

  const file = () => join(dir, 'portal.json');
  const query = () => org.run(['dns', 'query', 'Win-A', '--state-dir', dir]);
  const answered = { code: 0, stdout: 'Win-A.yourorg.zt.net -> 100.64.0.1\n', stderr: '' };
  const asked = async () => {
    const { code, stdout, stderr } = await query();
    return { code, stdout, stderr };
  };

  test('ST3.3: dns query asks where the portal was last, by a file that is nobody else’s to read', async () => {
    assert.deepEqual(JSON.parse(readFileSync(file(), 'utf8')), { portal: org.foyer.portalUrl, address: '127.0.0.1' });
    assert.equal(statSync(file()).mode & 0o777, 0o600);
    assert.deepEqual(await asked(), answered);
  });

  test('ST3.3: a resolver that says nothing is not waited for', async (t) => {
    const bind = `require('node:dgram').createSocket('udp4').bind(53, '${RESOLVER}', () => console.log('silent'))`;
    const silent = startChild([...machine.enter, process.execPath, '-e', bind]);
    t.after(() => silent.stop());
    await silent.line(/^silent$/);
    const askedAt = performance.now();
    const child = org.start(['dns', 'query', 'Win-A', '--state-dir', dir]);
    assert.equal(`${await child.line(/./)}\n`, answered.stdout);
    // The C library gives up after ten, and so does a question to the portal.
    assert.ok(performance.now() - askedAt < 8_000);
  });

  test('ST3.3: who is at the portal’s last address has to prove its name, and an address of another portal is none', async (t) => {
    const kept = readFileSync(file(), 'utf8');
    t.after(() => writeFileSync(file(), kept));
    const { portal, address } = JSON.parse(kept);
    const login = join(dir, 'login.json');
    const own = readFileSync(login, 'utf8');
    t.after(() => writeFileSync(login, own));
    const other = portal.replace(HOST, 'other.corp.example');
    writeFileSync(login, own.replaceAll(portal, other));
    const unknown = await query();
    assert.deepEqual([unknown.code, unknown.stdout], [1, '']);
    assert.match(unknown.stderr, /^The name other\.corp\.example cannot be found\./);
    writeFileSync(file(), JSON.stringify({ portal: other, address }));
    const imposter = await query();
    assert.deepEqual([imposter.code, imposter.stdout], [1, '']);
    assert.match(imposter.stderr, /127\.0\.0\.1 was asked, where it was last\. .* has a certificate for another name/);
  });

  test('logout forgets where the portal was', async () => {
    const { code } = await org.run(['logout', '--state-dir', dir]);
    assert.equal(code, 0);
    assert.throws(() => statSync(file()), /ENOENT/);
  });
});
