// The promises of the proposed site: this machine's own servers and private networks, in the form that a site takes, and nothing public.
import assert from 'node:assert/strict';
import { test } from 'node:test';
import { parseRange } from '#server/core/address.ts';
import { proposeSite, siteProposal } from './propose-site.ts';

test('servers and private networks are read as the machine writes them', () => {
  const proposal = siteProposal({
    servers: ['192.168.1.1', '192.168.1.2:5353', 'fd00::53', '[fd00::54]:5353', 'fe80::1%eth0', 'nonsense'],
    cidrs: [
      '192.168.1.5/24',
      '192.168.1.6/24',
      '10.20.30.40/12',
      '172.17.0.1/16',
      'fd12:3456::7/64',
      '203.0.113.9/24',
      '172.32.0.1/16',
      '2001:db8::1/64',
      'fe80::1/64',
      '10.0.0.1/4',
    ],
  });
  assert.deepEqual(proposal, {
    name: 'This network',
    dnsServers: [
      { address: '192.168.1.1', port: 53 },
      { address: '192.168.1.2', port: 5353 },
      { address: 'fd00::53', port: 53 },
      { address: 'fd00::54', port: 5353 },
    ],
    zones: [],
    ranges: ['192.168.1.0/24', '10.16.0.0/12', '172.17.0.0/16', 'fd12:3456::/64'],
    endpoints: [],
  });
});

test('on this very machine the proposal has only ranges that a site accepts', () => {
  const proposal = proposeSite();
  for (const range of proposal.ranges) assert.ok(parseRange(range), range);
  for (const { port } of proposal.dnsServers) assert.ok(port > 0 && port < 65536);
});
