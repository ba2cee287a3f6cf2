// ST2.4b: in plain text this machine's own servers are asked, never ourselves, and Quad9 where there is none.
import assert from 'node:assert/strict';
import { test } from 'node:test';
import { address, endpoint } from '#server/dns/packet.testing.ts';
import { fallbackServers } from './system-servers.ts';

const quad9 = [endpoint('9.9.9.9', 53), endpoint('149.112.112.112', 53)];
const nothing = { resolvConf: null, resolvedConf: null, servers: [] };
const alone = { own: [], machine: [] };

test('the servers of resolv.conf, in their order', () => {
  const resolvConf =
    '# nameserver 192.0.2.1\nsearch corp.example\nnameserver 192.0.2.2\n nameserver\tfd00::53\nnameserver oops\n';
  assert.deepEqual(fallbackServers({ ...nothing, resolvConf }, alone), [
    endpoint('192.0.2.2', 53),
    endpoint('fd00::53', 53),
  ]);
});

test('ST2.4b: none found, so Quad9', () => {
  assert.deepEqual(fallbackServers({ ...nothing, resolvConf: '' }, alone), quad9);
  assert.deepEqual(fallbackServers(nothing, alone), quad9);
});

test('never ourselves: by address, or by any address of this machine where we listen on all', () => {
  const resolvConf = 'nameserver 127.0.0.1\nnameserver 10.0.0.5\nnameserver 192.0.2.2\n';
  const others = [endpoint('10.0.0.5', 53), endpoint('192.0.2.2', 53)];
  assert.deepEqual(
    fallbackServers({ ...nothing, resolvConf }, { own: [endpoint('127.0.0.1', 53)], machine: [] }),
    others,
  );
  const wildcard = { own: [endpoint('0.0.0.0', 53)], machine: [address('10.0.0.5')] };
  assert.deepEqual(fallbackServers({ ...nothing, resolvConf }, wildcard), [endpoint('192.0.2.2', 53)]);
  const high = { own: [endpoint('127.0.0.1', 15353)], machine: [] };
  assert.equal(fallbackServers({ ...nothing, resolvConf }, high).length, 3);
});

test('behind systemd-resolved its own upstreams are asked: it may well ask us', () => {
  const resolvConf = 'nameserver 127.0.0.53\n';
  assert.deepEqual(fallbackServers({ ...nothing, resolvConf, resolvedConf: 'nameserver 192.0.2.9\n' }, alone), [
    endpoint('192.0.2.9', 53),
  ]);
  assert.deepEqual(fallbackServers({ ...nothing, resolvConf }, alone), [endpoint('127.0.0.53', 53)]);
});

test('where there is no resolv.conf, what the system says', () => {
  assert.deepEqual(fallbackServers({ ...nothing, servers: ['192.0.2.7'] }, alone), [endpoint('192.0.2.7', 53)]);
});
