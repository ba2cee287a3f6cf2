// The lines that make an office's DNS server ask Foyer about the apps, and about nothing more than it has to.
import assert from 'node:assert/strict';
import { test } from 'node:test';
import { host } from '#server/dns/packet.testing.ts';
import { checkForwarding, forwardZones } from './forward-lines.ts';

test('forwarded are the domains that hold the hosts, none within another, never a top-level domain', () => {
  const hosts = ['wiki.corp.example', 'a.b.corp.example', 'portal.corp.example', 'shop.example', 'x.other.example'];
  assert.deepEqual(forwardZones(hosts.map(host)), [host('corp.example'), host('other.example'), host('shop.example')]);
});

test('a nameserver that only its own machine reaches is no forwarder, and that is said', () => {
  const [finding] = checkForwarding([host('wiki.corp.example')], null);
  assert.equal(finding?.level, 'warning');
  assert.match(finding?.sentence ?? '', /loopback alone/);
});
