// The alias zone: only what is enabled is answered, and everything else looks alike.
import assert from 'node:assert/strict';
import { test } from 'node:test';
import { type Aliases, aliasesOf, aliasKey, aliasLabel } from '#server/core/alias.ts';
import type { App } from '#server/core/app.ts';
import { aliasZone } from './alias-zone.ts';
import { answerPacket } from './authority.ts';
import { type Message, RCODE, TYPE } from './message.ts';
import type { HostedView } from './names.ts';
import { address, host, message, name, question } from './packet.testing.ts';
import { decode, encode } from './wire.ts';
import { buildZone, lookupZone, type Zone } from './zone.ts';

const SETTING = {
  zone: host('alias.example'),
  addresses: [address('203.0.113.20'), address('203.0.113.21'), address('2001:db8::20')],
  nameServers: [host('ns1.example'), host('ns2.example')],
};
const aliases = aliasesOf(
  SETTING,
  new Map([
    ['on', 0],
    ['off', 0],
    ['broken', 0],
  ]),
  (appId, round) => aliasLabel(aliasKey(Buffer.alloc(32, 7)), appId, round),
) as Aliases;
const APPS = new Map([
  ['on', { id: 'on', enabled: true } as App],
  ['off', { id: 'off', enabled: false } as App],
]);
const CLIENT = address('192.0.2.1');

function zoneAt(revision: number, isCurrent = () => true) {
  const appsById = APPS;
  const hosted = aliasZone({ aliases, appsById, revision }, isCurrent);
  assert.ok(hosted);
  return hosted;
}

function ask(name: string, type: number = TYPE.A, revision = 7): Message {
  const zone = zoneAt(revision).zoneFor(CLIENT);
  assert.ok(zone);
  const reply = answerPacket(encode(message({ questions: [question(name, type)] })), 'udp', [zone]);
  const decoded = reply && decode(reply);
  assert.ok(decoded?.kind === 'message', name);
  return decoded.message;
}

const alias = (app: string): string => aliases.byApp.get(app) ?? '';

test('SCL-4: the alias of an enabled app leads to the gateways’ addresses, with authority and for half a minute', () => {
  for (const name of [alias('on'), alias('on').toUpperCase()]) {
    const { answers, isAuthoritative, rcode } = ask(name);
    assert.equal(rcode, RCODE.NOERROR);
    assert.ok(isAuthoritative);
    assert.deepEqual(
      answers.map(({ data, name: owner, ttlSeconds }) => [
        owner.join('.'),
        data.kind,
        'address' in data && data.address,
        ttlSeconds,
      ]),
      [
        [name, 'a', '203.0.113.20', 30],
        [name, 'a', '203.0.113.21', 30],
      ],
    );
  }
  assert.equal(ask(alias('on'), TYPE.AAAA).answers.length, 1);
  const other = ask(alias('on'), TYPE.TXT);
  assert.deepEqual([other.rcode, other.answers.length, other.authorities.length], [RCODE.NOERROR, 0, 1]);
});

test('SCL-4: a disabled, a broken and a deleted app’s alias are told apart from a made-up one by nothing', () => {
  const told = (name: string) => ({ ...ask(name), questions: [] });
  const madeUp = told(`${'a'.repeat(32)}.alias.example`);
  assert.equal(madeUp.rcode, RCODE.NXDOMAIN);
  assert.ok(madeUp.isAuthoritative);
  assert.equal(madeUp.authorities[0]?.data.kind, 'soa');
  assert.deepEqual(told(alias('off')), madeUp);
  assert.deepEqual(told(alias('broken')), madeUp);
  assert.deepEqual(told(`x.${alias('on')}`), madeUp);
});

test('the zone says who serves it, its serial rises with every revision, and it is nobody’s address itself', () => {
  assert.deepEqual(
    ask('alias.example', TYPE.NS).answers.map(({ data }) => 'target' in data && data.target.join('.')),
    ['ns1.example', 'ns2.example'],
  );
  const serial = (revision: number): number => {
    const [soa] = ask('alias.example', TYPE.SOA, revision).answers;
    assert.ok(soa?.data.kind === 'soa');
    assert.equal(soa.data.mname.join('.'), 'ns1.example');
    return soa.data.serial;
  };
  assert.ok(serial(0) < serial(1) && serial(1) < serial(4_000_000_000));
  assert.deepEqual([ask('alias.example').rcode, ask('alias.example').answers.length], [RCODE.NOERROR, 0]);
  assert.equal(ask('www.example').rcode, RCODE.REFUSED);
});

test('what is too old to be true is not said at all', () => {
  let isCurrent = true;
  const hosted = zoneAt(1, () => isCurrent);
  assert.ok(hosted.zoneFor(CLIENT));
  isCurrent = false;
  assert.equal(hosted.zoneFor(CLIENT), null);
});

test('where the gateway’s own name is ours, aliases lead each client to the gateways that are up now, and nobody to none', () => {
  let up: HostedView | null = clusterOf('203.0.113.21');
  const gateway = { origin: name('gw.example'), zoneFor: () => up, isPublic: false };
  const hosted = aliasZone({ aliases, appsById: APPS, revision: 7 }, () => true, gateway);
  const told = () => {
    const zone = hosted?.zoneFor(CLIENT) ?? null;
    const found = zone && lookupZone(zone, name(alias('on')), TYPE.A);
    return found && found.kind === 'success'
      ? found.records.map(({ data }) => 'address' in data && data.address)
      : zone;
  };
  assert.deepEqual(told(), ['203.0.113.21']);
  assert.equal(hosted?.zoneFor(CLIENT), hosted?.zoneFor(CLIENT), 'made once for each set of gateways');
  up = clusterOf('203.0.113.22');
  assert.deepEqual(told(), ['203.0.113.22']);
  up = { ...clusterOf('203.0.113.23'), isUnsaid: true };
  assert.equal(told(), null);
  up = null;
  assert.equal(told(), null);
});

test('F7: a client outside is told no address of this network, whatever a cluster’s views say', () => {
  const gateway = { origin: name('gw.example'), zoneFor: () => lan };
  const lan = clusterOf('192.168.1.100');
  const hosted = aliasZone({ aliases, appsById: APPS, revision: 7 }, () => true, gateway);
  const told = (client: string) => {
    const found = lookupZone(hosted?.zoneFor(address(client)) ?? assert.fail(), name(alias('on')), TYPE.A);
    return found.kind === 'success' ? found.records.map(({ data }) => 'address' in data && data.address) : found.kind;
  };
  for (let time = 0; time < 2; time++) {
    assert.deepEqual(told('10.0.0.7'), ['192.168.1.100']);
    assert.deepEqual(told('198.51.100.7'), ['203.0.113.20', '203.0.113.21']);
  }
});

function clusterOf(value: string): Zone {
  const built = buildZone({ origin: name('gw.example'), lines: [{ name: '@', type: 'A', value, ttlSeconds: 5 }] });
  assert.ok(built.kind === 'zone');
  return built.zone;
}
