// From an app to its upstream through a real private DNS: what BIND says decides where the bytes go, and the check decides whether they do.
import assert from 'node:assert/strict';
import { once } from 'node:events';
import { type AddressInfo, createServer } from 'node:net';
import { type TestContext, test } from 'node:test';
import type { App, Site } from '#server/core/app.ts';
import { isFault } from '#server/core/fault.ts';
import { createDialer } from '#server/dial.ts';
import { startBind, zoneText } from '#server/dns/bind.testing.ts';
import { app, endpoints, silentLog, site } from './dial.testing.ts';

const zone = (lines: string, serial: number) => zoneText('corp.internal', lines, { serial });

test('SOL-5 SOL-6 U6: an app that moves is followed within TTL + 5 s while it is being used, and no connection fails', async (t) => {
  const { bind, dial, port } = await office(t, 'wiki 1 CNAME old\nold 1 A 127.0.0.31');
  assert.equal(await dial('wiki.corp.internal', port), '127.0.0.31');
  await bind.setZone('corp.internal', zone('wiki 1 CNAME new\nnew 1 A 127.0.0.32', 2));
  const movedAt = performance.now();
  for (let seen = ''; seen !== '127.0.0.32'; ) {
    seen = await dial('wiki.corp.internal', port);
    assert.ok(performance.now() - movedAt < 6_000, 'the new address was not used in time');
  }
});

test('F3: a private name that starts to point at the gateway itself is refused from then on', async (t) => {
  const { bind, clock, dial, port } = await office(t, 'wiki 1 A 127.0.0.31');
  assert.equal(await dial('wiki.corp.internal', port), '127.0.0.31');
  await bind.setZone(
    'corp.internal',
    zone('wiki 1 A 127.0.0.99\nwiki 1 A 169.254.169.254\nwiki 1 AAAA ::ffff:127.0.0.1', 2),
  );
  clock.aheadMs += 1_000;
  await assert.rejects(dial('wiki.corp.internal', port), refused('upstream-address-refused'));
  await bind.setZone('corp.internal', zone('wiki 1 A 127.0.0.99\nwiki 1 A 127.0.0.32', 3));
  clock.aheadMs += 1_000;
  assert.equal(await dial('wiki.corp.internal', port), '127.0.0.32');
});

test('U6: an unknown name and a server that stopped are told apart, and a second server takes over', async (t) => {
  const { bind, clock, dial, port, current } = await office(t, 'wiki 1 A 127.0.0.31');
  await assert.rejects(dial('none.corp.internal', port), refused('upstream-name-not-found'));
  const second = await startBind({ zones: { 'corp.internal': zone('wiki 1 A 127.0.0.32', 1) } });
  t.after(() => second.stop());
  await bind.stop();
  clock.aheadMs += 1_000;
  await assert.rejects(dial('other.corp.internal', port), refused('upstream-dns-failed'));
  current.site = {
    ...current.site,
    dnsServers: [...current.site.dnsServers, { address: second.address, port: second.port }],
  };
  assert.equal(await dial('wiki.corp.internal', port), '127.0.0.32');
});

/** Two upstreams that say their address, a BIND that knows them, and a site that allows exactly these two. */
async function office(t: TestContext, lines: string) {
  const bind = await startBind({ zones: { 'corp.internal': zone(lines, 1) } });
  t.after(() => bind.stop());
  const port = await upstream(t, '127.0.0.31', 0);
  await upstream(t, '127.0.0.32', port);
  const dnsServers = [{ address: bind.address, port: bind.port }];
  const current: { site: Site } = {
    site: site({ dnsServers, endpoints: endpoints(port, '127.0.0.31', '127.0.0.32') }),
  };
  const clock = { aheadMs: 0 };
  const dialer = createDialer({
    site: () => current.site,
    own: () => [],
    now: () => Date.now() + clock.aheadMs,
    log: silentLog,
  });
  t.after(() => dialer.close());
  const apps = new Map<string, App>();
  const dial = async (host: string, at: number): Promise<string> => {
    const wanted = apps.get(host) ?? app({ host, port: at });
    apps.set(host, wanted);
    const target = await dialer.resolve(wanted, wanted.upstream);
    const { stream: socket } = await target.connect(target.endpoints);
    const [greeting] = await once(socket, 'data');
    socket.destroy();
    return String(greeting);
  };
  return { bind, clock, current, dial, port };
}

async function upstream(t: TestContext, at: string, port: number): Promise<number> {
  const server = createServer((socket) => socket.on('error', () => {}).end(at));
  server.listen(port, at);
  await once(server, 'listening');
  t.after(() => server.close());
  return (server.address() as AddressInfo).port;
}

function refused(code: string) {
  return (error: unknown) => {
    assert.ok(isFault(error), String(error));
    assert.equal(error.code, code, error.detail);
    return true;
  };
}
