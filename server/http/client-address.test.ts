// Whose connections count together.
import assert from 'node:assert/strict';
import { test } from 'node:test';
import { networkOfPeer } from './client-address.ts';

test('R1: the addresses of one IPv6 network share a number of connections, and two networks do not', () => {
  const one = networkOfPeer('2001:db8:1:2::1');
  assert.equal(networkOfPeer('2001:db8:1:2:ffff:ffff:ffff:ffff'), one);
  assert.notEqual(networkOfPeer('2001:db8:1:3::1'), one);
  assert.equal(networkOfPeer('fe80::1%eth0'), networkOfPeer('fe80::2%eth0'));
  assert.equal(networkOfPeer('192.0.2.1'), '192.0.2.1');
  assert.notEqual(networkOfPeer('192.0.2.2'), networkOfPeer('192.0.2.1'));
  assert.equal(networkOfPeer(''), '');
});
