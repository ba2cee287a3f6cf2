// The promise of an office's nameserver without a store: it answers by what the portal says, and goes on with the last of it.
import assert from 'node:assert/strict';
import { Resolver } from 'node:dns/promises';
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { after, before, test } from 'node:test';
import { type Organisation, startOrganisation } from '#server/cli/organisation.testing.ts';
import { familyOf } from '#server/core/address.ts';
import { endpointText } from '#server/core/dns-server.ts';
import { forwardLines } from '#server/core/forward-lines.ts';
import type { Scope } from '#server/core/scope.ts';
import { host } from '#server/dns/packet.testing.ts';
import { machineAddresses } from '#server/machine-addresses.ts';
import { createToken } from '#server/store/api-tokens.ts';
import { addMachine } from '#server/store/machines.ts';
import { saved, signedIn, someApp, someone, someSite } from '#server/store/testing/temporary-store.ts';
import { freePort } from '../../e2e/system/free-port.ts';

let org: Organisation;
let folder: string;
before(async () => {
  org = await startOrganisation();
  folder = mkdtempSync(join(tmpdir(), 'foyer-office-'));
  const site = await someSite(org.store);
  await someApp(org.store, site, { hosts: ['wiki.corp.example', 'blog.corp.example'] });
  saved(await addMachine(org.store, await signedIn(org.store, org.people.grace ?? ''), { name: 'Win-A' }));
});
after(async () => {
  await org.stop();
  rmSync(folder, { recursive: true });
});

async function tokenFile(scopes: readonly Scope[]): Promise<string> {
  const admin = await someone(org.store, 'admin');
  const { token } = saved(await createToken(org.store, admin, { name: 'office', scopes }));
  // Its owner could sign in: a token of somebody who cannot is worth nothing.
  await org.store.db.updateTable('users').set({ password_hash: 'x' }).where('id', '=', admin.userId).execute();
  const file = join(folder, `token-${scopes.length}`);
  writeFileSync(file, `${token}\n`, { mode: 0o600 });
  return file;
}

async function office(file: string) {
  const port = await freePort();
  const config = join(folder, `${port}.json`);
  writeFileSync(
    config,
    JSON.stringify({ listen: [`127.0.0.1:${port}`], upstreams: [], gateway: { inside: ['10.0.0.20'] } }),
  );
  const args = ['nameserver', '--config', config, '--portal', org.foyer.portalUrl, '--token-file', file];
  const child = org.start(args, { env: { FOYER_PORTAL_URL: '' } });
  await child.line(/DNS resolver started/);
  const resolver = new Resolver({ timeout: 2_000, tries: 2 });
  resolver.setServers([`127.0.0.1:${port}`]);
  return { child, resolver };
}

test('apps lead to the gateway’s inside address, machines to themselves, and nothing else is answered', async () => {
  const { child, resolver } = await office(await tokenFile(['names:read', 'machines:read']));
  assert.deepEqual(await resolver.resolve4('wiki.corp.example'), ['10.0.0.20']);
  assert.deepEqual(await resolver.resolve4('win-a.yourorg.zt.net'), ['100.64.0.1']);
  await assert.rejects(resolver.resolve4('other.corp.example'), { code: 'EREFUSED' });
  await child.stop();
  assert.doesNotMatch(child.lines().join('\n'), /foyer_[A-Za-z0-9_-]{20}/);
});

test('a token that reads too little is said, and no half of the names is answered', async () => {
  const { child, resolver } = await office(await tokenFile(['machines:read']));
  await child.line(/The token does not read the names of apps\. Make one with names:read\./);
  await assert.rejects(resolver.resolve4('win-a.yourorg.zt.net'));
  await child.stop();
});

test('foyer doctor at the office says what to forward, by what the portal says, without a portal’s own configuration', async (t) => {
  const own = machineAddresses().find((address) => familyOf(address) === 4 && !address.startsWith('127.'));
  if (own === undefined) return t.skip('this machine has no address but loopback');
  const token = await tokenFile(['names:read', 'machines:read']);
  const at = { address: own, port: await freePort() };
  const config = join(folder, 'doctor.json');
  const setUp = {
    listen: [endpointText(at)],
    upstreams: [],
    clients: ['0.0.0.0/0'],
    gateway: { inside: ['10.0.0.20'] },
  };
  writeFileSync(config, JSON.stringify(setUp));
  const options = ['--config', config, '--portal', org.foyer.portalUrl, '--token-file', token];
  const env = { FOYER_PORTAL_URL: '' };
  const child = org.start(['nameserver', ...options], { env });
  await child.line(/DNS resolver started/);
  const doctor = await org.run(['doctor', ...options], { env });
  assert.equal(doctor.code, 0, doctor.stdout);
  assert.doesNotMatch(doctor.stdout, /Nobody answers/);
  for (const line of forwardLines([host('corp.example')], [at]).flatMap(({ lines }) => lines))
    assert.ok(doctor.stdout.includes(line), `${line}\n${doctor.stdout}`);
  await child.stop();
  const alone = await org.run(['doctor', '--portal', org.foyer.portalUrl, '--token-file', token], { env });
  assert.deepEqual([alone.code, /Name the nameserver’s file with --config/.test(alone.stdout)], [1, true]);
  const refused = await org.run(['doctor', '--config', config, '--portal', org.foyer.portalUrl], { env });
  assert.deepEqual([refused.code, /Name the file of a token/.test(refused.stdout)], [1, true]);
});

test('a portal without its token, or a token without its portal, is refused in words', async () => {
  const portal = await org.run(['nameserver', '--portal', org.foyer.portalUrl]);
  assert.deepEqual([portal.code, /Name the file of a token/.test(portal.stderr)], [1, true]);
  const token = await org.run(['nameserver', '--token-file', 'x']);
  assert.deepEqual([token.code, /Name the portal of this token/.test(token.stderr)], [1, true]);
  const clear = await org.run(['nameserver', '--portal', 'http://portal.corp.example', '--token-file', 'x']);
  assert.match(clear.stderr, /is not encrypted/);
});
