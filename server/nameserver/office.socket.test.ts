// The office: people inside ask their own DNS server, which forwards the apps' names, and are led to the gateway's inside address.
import assert from 'node:assert/strict';
import { writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { after, before, describe, type TestContext, test } from 'node:test';
import { forwardLines } from '#server/core/forward-lines.ts';
import { endpoint, host } from '#server/dns/packet.testing.ts';
import { forwardZones } from '#server/doctor/forward-lines.ts';
import { noNetworks, type SmallInternet, startSmallInternet } from '#server/internet.testing.ts';
import { deleteApp } from '#server/store/apps.ts';
import { migrateStore } from '#server/store/handle.ts';
import { addMachine } from '#server/store/machines.ts';
import { saveSetting } from '#server/store/settings.ts';
import { loadSnapshot } from '#server/store/snapshot.ts';
import {
  anotherStore,
  PASSWORD,
  saved,
  someApp,
  someone,
  someSite,
  TEST_SECRET,
  temporaryDir,
  temporaryStore,
} from '#server/store/testing/temporary-store.ts';
import { type Child, runCommand, startChild } from '../../e2e/system/child.ts';
import { findProgram } from '../../tools/prerequisites.ts';
import { FOYER, inWords, startNameserver, until } from './nameserver.testing.ts';

const skip = noNetworks() ?? false;
const AT = endpoint('10.0.0.53', 53);
const INSIDE = ['10.0.0.20', 'fd00::20'];
const ZONES = forwardZones(['portal.corp.example', 'wiki.corp.example', 'gw.corp.example'].map(host));

const FOYER_ENV = {
  FOYER_PORTAL_URL: 'https://portal.corp.example',
  FOYER_GATEWAY_NAME: 'gw.corp.example',
  FOYER_TRUSTED_PROXIES: '127.0.0.1',
  FOYER_LISTEN: 'http://127.0.0.1:8080',
  FOYER_SECRET_KEY: TEST_SECRET.toString('base64'),
};

/** The lines that the doctor prints for one program, the only thing that the office writes for Foyer. */
function linesFor(program: string): string {
  const found = forwardLines(ZONES, [AT]).find((each) => each.program === program);
  return (found?.lines ?? assert.fail(program)).join('\n');
}

describe('the office', { skip }, () => {
  let net: SmallInternet;
  before(async () => {
    net = await startSmallInternet();
    await runCommand([...net.home.enter, 'ip', 'address', 'add', `${AT.address}/32`, 'dev', 'lo']);
  });
  after(() => net.stop());

  /** A Foyer with one app, and the nameserver beside it. */
  async function startFoyerNames(t: TestContext) {
    const { store, dataDir } = await temporaryStore(t, { now: Date.now });
    const siteId = await someSite(store);
    const appId = await someApp(store, siteId);
    const env = { ...FOYER_ENV, FOYER_DATA_DIR: dataDir };
    const gateway = { inside: INSIDE, names: ['corp.example'] };
    const running = await startNameserver(t, net, { listen: [AT.address], gateway }, { env });
    return { ...running, store, siteId, appId, env };
  }

  const servers: Record<string, (t: TestContext) => Promise<string>> = {
    BIND: async (t) => {
      const file = join(net.folder, 'office-named.conf');
      writeFileSync(
        file,
        `options { directory "${net.folder}"; pid-file none; session-keyfile none; lock-file none; listen-on { 127.0.0.1; };
           listen-on-v6 { none; }; recursion yes; allow-query { any; }; dnssec-validation no; empty-zones-enable no; };
         controls { };\n${linesFor('BIND')}\n`,
      );
      await startOffice(t, ['named', '-g', '-n', '1', '-c', file], / running$/);
      return '127.0.0.1';
    },
    Unbound: async (t) => {
      const file = join(net.folder, 'office-unbound.conf');
      writeFileSync(
        file,
        `server:\n interface: 127.0.0.4\n directory: ""\n chroot: ""\n username: ""\n pidfile: ""\n use-syslog: no\n do-daemonize: no
 private-address: 10.0.0.0/8\n private-address: fd00::/8\nremote-control:\n control-enable: no\n${linesFor('Unbound')}\n`,
      );
      await startOffice(t, ['unbound', '-d', '-c', file], /start of service/);
      return '127.0.0.4';
    },
    dnsmasq: async (t) => {
      const file = join(net.folder, 'office-dnsmasq.conf');
      writeFileSync(
        file,
        `keep-in-foreground\nlog-facility=-\nno-resolv\nno-hosts\nbind-interfaces\nlisten-address=127.0.0.5\nstop-dns-rebind\npid-file=\nuser=root\n${linesFor('dnsmasq')}\n`,
      );
      await startOffice(t, ['dnsmasq', '-C', file], /started/);
      return '127.0.0.5';
    },
  };

  async function startOffice(t: TestContext, [program = '', ...args]: string[], ready: RegExp): Promise<Child> {
    const child = startChild([...net.home.enter, findProgram(program) ?? program, ...args]);
    t.after(() => child.stop());
    await child.line(ready);
    return child;
  }

  const ask = async (server: string, ...args: string[]) =>
    inWords(await net.atHome('dig', `@${server}`, '+tries=1', '+timeout=8', ...args));

  for (const [program, startServer] of Object.entries(servers)) {
    test(`behind ${program}, with the lines of the doctor, people inside reach the gateway's inside address`, async (t) => {
      await startFoyerNames(t);
      const server = await startServer(t);
      for (const name of ['wiki.corp.example', 'portal.corp.example', 'gw.corp.example', 'WIKI.Corp.Example']) {
        assert.equal(await ask(server, name), 'NOERROR, A 10.0.0.20', name);
        assert.equal(await ask(server, name, 'AAAA'), 'NOERROR, AAAA fd00::20', name);
        assert.equal(await ask(server, name, 'HTTPS'), 'NOERROR', name);
      }
      assert.match(
        await net.atHome('nslookup', 'wiki.corp.example', server),
        /Address: 10\.0\.0\.20\n.*Address: fd00::20/s,
      );
      // The rest of the zone is what it is outside, and so is what a name has beside its addresses: mail finds its way.
      assert.equal(await ask(server, 'corp.example'), 'NOERROR, A 10.0.0.20');
      assert.equal(await ask(server, 'corp.example', 'MX'), 'NOERROR, MX 10 mail.example.com.');
      assert.equal(await ask(server, 'www.corp.example'), 'NOERROR, A 203.0.113.20');
    });
  }

  test('an app that comes or goes changes the answers without a restart', async (t) => {
    const { store, siteId, appId, said } = await startFoyerNames(t);
    assert.equal(await ask(AT.address, 'wiki.corp.example'), 'NOERROR, A 10.0.0.20');
    assert.equal(await ask(AT.address, 'jira.corp.example'), 'NOERROR, A 203.0.113.20');
    await someApp(store, siteId, { name: 'Jira', hosts: ['jira.corp.example'] });
    await until(async () => (await ask(AT.address, 'jira.corp.example')) === 'NOERROR, A 10.0.0.20');
    const admin = await someone(store, 'admin');
    saved(await deleteApp(store, admin, appId));
    await until(async () => (await ask(AT.address, 'wiki.corp.example')) === 'NOERROR, A 203.0.113.20');
    assert.equal(said('DNS resolver started').length, 1);
  });

  test('machines and aliases of this Foyer are answered too, machines for whoever asks by the name alone', async (t) => {
    const { store, appId, said } = await startFoyerNames(t);
    // Who could sign in: nobody else's machine is a name.
    const admin = await someone(store, 'admin', { password: PASSWORD });
    const added = saved(await addMachine(store, admin, { name: 'Win-A' }));
    await until(async () => (await ask(AT.address, 'Win-A')) === `NOERROR, A ${added.address}`);
    assert.equal(await ask(AT.address, 'win-a.ztna'), `NOERROR, A ${added.address}`);
    assert.equal(await ask(AT.address, 'Win-B.machines.portal.corp.example'), 'NXDOMAIN');
    const aliases = { zone: 'alias.example', addresses: ['203.0.113.20'], nameServers: ['ns1.corp.example'] };
    saved(await saveSetting(store, admin, 'aliases', aliases));
    const alias = (await loadSnapshot(store)).snapshot.aliases?.byApp.get(appId) ?? assert.fail('no alias');
    await until(async () => (await ask(AT.address, alias)) === 'NOERROR, A 203.0.113.20');
    assert.equal(await ask(AT.address, 'guess.alias.example'), 'NXDOMAIN');
    assert.match(await net.atHome('dig', `@${AT.address}`, alias), /flags: qr aa /);
    assert.deepEqual(
      said('').filter(({ level }) => level === 'error'),
      [],
    );
  });

  test('a store that is made later is followed when it is there', async (t) => {
    const dataDir = temporaryDir(t);
    const env = { ...FOYER_ENV, FOYER_DATA_DIR: dataDir };
    const { said } = await startNameserver(t, net, { listen: [AT.address], gateway: { inside: INSIDE } }, { env });
    assert.match(said('not known yet')[0]?.msg ?? '', /There is no store in .*Run foyer start/);
    assert.equal(await ask(AT.address, 'wiki.corp.example'), 'NOERROR, A 203.0.113.20');
    await migrateStore({ dataDir, now: Date.now });
    const store = await anotherStore(t, dataDir, { now: 0 }, { now: Date.now });
    await someApp(store, await someSite(store));
    await until(async () => (await ask(AT.address, 'wiki.corp.example')) === 'NOERROR, A 10.0.0.20');
  });

  test('foyer doctor prints the lines for this set-up', async (t) => {
    const { env } = await startFoyerNames(t);
    const file = join(net.folder, 'doctor.json');
    writeFileSync(file, JSON.stringify({ listen: [AT.address], gateway: { inside: INSIDE } }));
    const text = await net.atHome(
      'env',
      ...Object.entries({ ...env, FOYER_NAMESERVER_FILE: file }).map((pair) => pair.join('=')),
      ...FOYER,
      'doctor',
    );
    for (const { lines } of forwardLines(ZONES, [AT]))
      for (const line of lines) assert.ok(text.includes(line), `${line}\n${text}`);
  });

  test('at an office without a Foyer foyer doctor prints the lines for the port that really answers', async (t) => {
    const file = join(net.folder, 'office.json');
    const setUp = {
      listen: [AT.address],
      gateway: { inside: INSIDE, names: ['wiki.corp.example', 'blog.corp.example'] },
    };
    writeFileSync(file, JSON.stringify(setUp));
    const doctor = () => net.atHome('env', '-u', 'FOYER_PORTAL_URL', ...FOYER, 'doctor', '--config', file);
    const linesAt = (port: number) =>
      forwardLines([host('corp.example')], [{ ...AT, port }]).flatMap(({ lines }) => lines);
    const expect = (text: string, port: number, isAnswered: boolean) => {
      for (const line of linesAt(port)) assert.ok(text.includes(line), `${line}\n${text}`);
      assert.equal(/Nobody answers wiki\.corp\.example/.test(text), !isAnswered, text);
      assert.doesNotMatch(text, /FOYER_PORTAL_URL/);
    };
    expect(await doctor(), 53, false);
    const taken = join(net.folder, 'taken-dnsmasq.conf');
    writeFileSync(
      taken,
      `keep-in-foreground\nlog-facility=-\nno-resolv\nno-hosts\nbind-interfaces\nlisten-address=${AT.address}\npid-file=\nuser=root\naddress=/wiki.corp.example/203.0.113.9\n`,
    );
    const other = await startOffice(t, ['dnsmasq', '-C', taken], /started/);
    const high = await startNameserver(t, net, setUp);
    const text = await doctor();
    expect(text, 15_353, true);
    assert.doesNotMatch(text, /Windows/, 'Windows forwards to port 53 alone');
    await high.child.stop();
    await other.stop();
    await startNameserver(t, net, setUp);
    expect(await doctor(), 53, true);
  });
});
