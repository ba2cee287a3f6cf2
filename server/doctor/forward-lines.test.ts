// The lines that make an office's DNS server ask Foyer about the apps, and about nothing more than it has to.
import assert from 'node:assert/strict';
import { test } from 'node:test';
import { host } from '#server/dns/packet.testing.ts';
import { checkForwarding, forwardZones } from './forward-lines.ts';

test('forwarded are the domains that hold two of the hosts, none within another, and never what others have names in', () => {
  const table: [string[], string[]][] = [
    [['wiki.corp.example', 'portal.corp.example', 'a.b.corp.example'], ['corp.example']],
    [['corp.example', 'wiki.corp.example'], ['corp.example']],
    [['x.other.example'], ['x.other.example']],
    [
      ['shop.example', 'blog.example'],
      ['blog.example', 'shop.example'],
    ],
    [['firma.co.uk'], ['firma.co.uk']],
    [
      ['firma.co.uk', 'other.co.uk'],
      ['firma.co.uk', 'other.co.uk'],
    ],
    [['wiki.firma.co.uk', 'portal.firma.co.uk'], ['firma.co.uk']],
    [['firma.co.uk', 'wiki.firma.co.uk'], ['firma.co.uk']],
  ];
  for (const [hosts, zones] of table) assert.deepEqual(forwardZones(hosts.map(host)), zones.map(host), hosts.join(' '));
});

test('a nameserver that only its own machine reaches is no forwarder, and that is said', () => {
  const [finding] = checkForwarding([host('wiki.corp.example')], null);
  assert.equal(finding?.level, 'warning');
  assert.match(finding?.sentence ?? '', /loopback alone/);
});
