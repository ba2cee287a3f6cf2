// The promises of the address check: only the site's ranges and named endpoints, and no notation, tunnel or translator around them.
import assert from 'node:assert/strict';
import { test } from 'node:test';
import fc from 'fast-check';
import { type Address, addressOf, parseAddress } from './address.ts';
import { checkAddress, type OwnHost, type SiteReach } from './check-address.ts';

const office: SiteReach = { ranges: ['192.168.0.0/16', '10.0.0.0/8', 'fd12::/16', '64:ff9b::/96'], endpoints: [] };
const everything: SiteReach = { ranges: ['0.0.0.0/0', '::/0'], endpoints: [] };
const elsewhere: OwnHost = { listeners: [], addresses: [] };

test('F1: the site’s own ranges are reachable and nothing else is', () => {
  assert.equal(check('192.168.1.20', office), null);
  assert.equal(check('fd12::20', office), null);
  assert.equal(check('::ffff:192.168.1.20', office), null);
  assert.equal(check('172.16.0.1', office), 'outside-site');
  assert.equal(check('8.8.8.8', office), 'outside-site');
  assert.equal(check('fd13::1', office), 'outside-site');
  assert.equal(check('192.168.1.20', { ranges: [], endpoints: [] }), 'outside-site');
});

test('F1: no range, however wide, lets in an address that is nobody’s private app', () => {
  const table: [string, string][] = [
    ['127.0.0.1', 'loopback'],
    ['127.255.255.254', 'loopback'],
    ['::1', 'loopback'],
    ['0.0.0.0', 'unspecified'],
    ['0.1.2.3', 'unspecified'],
    ['::', 'unspecified'],
    ['169.254.1.1', 'link-local'],
    ['fe80::1', 'link-local'],
    ['febf::1', 'link-local'],
    ['169.254.169.254', 'metadata'],
    ['fd00:ec2::254', 'metadata'],
    ['100.100.100.200', 'metadata'],
    ['100.64.0.1', 'shared-address-space'],
    ['100.127.255.255', 'shared-address-space'],
    ['224.0.0.1', 'multicast'],
    ['ff02::1', 'multicast'],
    ['255.255.255.255', 'broadcast'],
    ['240.0.0.1', 'reserved'],
    ['192.0.2.1', 'reserved'],
    ['198.18.0.1', 'reserved'],
    ['2001:db8::1', 'reserved'],
    ['100::1', 'reserved'],
    ['fec0::1', 'reserved'],
  ];
  for (const [address, refusal] of table) assert.equal(check(address, everything), refusal, address);
});

test('F2: an address inside another one is taken out and checked as well', () => {
  const table: [string, string][] = [
    ['::ffff:127.0.0.1', 'loopback'],
    ['::ffff:a9fe:a9fe', 'metadata'],
    ['::127.0.0.1', 'loopback'],
    ['64:ff9b::7f00:1', 'loopback'],
    ['64:ff9b::169.254.169.254', 'metadata'],
    ['64:ff9b:1::7f00:1', 'loopback'],
    ['64:ff9b:1:7f00:0:100::', 'loopback'],
    ['2002:7f00:1::', 'loopback'],
    ['2002:a9fe:a9fe::1', 'metadata'],
    ['2001:0:7f00:1::', 'loopback'],
    ['2001:0:808:808::80ff:fffe', 'loopback'],
  ];
  for (const [address, refusal] of table) assert.equal(check(address, everything), refusal, address);
  assert.equal(check('64:ff9b::10.1.2.3', office), null);
  assert.equal(check('64:ff9b::8.8.8.8', office), 'outside-site');
});

test('F2: every IPv4 address that is refused is refused in every IPv6 form of it', () => {
  const forms: ((ipv4: number[]) => number[])[] = [
    (v4) => [0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0xff, 0xff, ...v4],
    (v4) => [0, 0x64, 0xff, 0x9b, 0, 0, 0, 0, 0, 0, 0, 0, ...v4],
    (v4) => [0, 0x64, 0xff, 0x9b, 0, 1, 0, 0, 0, 0, 0, 0, ...v4],
    (v4) => [0x20, 0x02, ...v4, 0, 0, 0, 0, 0, 0, 0, 0, 0, 1],
    (v4) => [0x20, 0x01, 0, 0, 8, 8, 8, 8, 0, 0, 0, 0, ...v4.map((byte) => byte ^ 0xff)],
  ];
  const ipv4 = fc.array(
    fc.oneof(fc.integer({ min: 0, max: 255 }), fc.constantFrom(127, 169, 254, 100, 0, 224, 10, 192)),
    { minLength: 4, maxLength: 4 },
  );
  fc.assert(
    fc.property(ipv4, fc.constantFrom(...forms), fc.constantFrom(office, everything), (bytes, form, site) => {
      const plain = checkAddress(addressOf(Uint8Array.from(bytes)), 80, site, elsewhere);
      const wrapped = checkAddress(addressOf(Uint8Array.from(form(bytes))), 80, site, elsewhere);
      if (plain !== null) assert.notEqual(wrapped, null);
    }),
    { numRuns: 3000 },
  );
});

test('F1: this machine is reachable only at an address and port that an admin named, and never at Foyer’s own listeners', () => {
  const own: OwnHost = {
    listeners: [endpoint('127.0.0.1', 8080), endpoint('0.0.0.0', 443)],
    addresses: [address('192.168.1.5')],
  };
  const site: SiteReach = {
    ranges: ['192.168.0.0/16'],
    endpoints: [endpoint('127.0.0.2', 3000), endpoint('192.168.1.5', 3000), endpoint('127.0.0.1', 8080)],
  };
  const at = (text: string, port: number) => checkAddress(address(text), port, site, own);
  assert.equal(at('127.0.0.2', 3000), null);
  assert.equal(at('::ffff:127.0.0.2', 3000), null);
  assert.equal(at('127.0.0.2', 3001), 'loopback');
  assert.equal(at('127.0.0.3', 3000), 'loopback');
  assert.equal(at('192.168.1.5', 3000), null);
  assert.equal(at('192.168.1.5', 5432), 'own-host');
  assert.equal(at('192.168.1.6', 5432), null);
  assert.equal(at('127.0.0.1', 8080), 'own-listener');
  assert.equal(at('::ffff:127.0.0.1', 8080), 'own-listener');
  assert.equal(at('127.9.9.9', 443), 'own-listener');
  assert.equal(at('192.168.1.5', 443), 'own-listener');
  assert.equal(at('64:ff9b::192.168.1.5', 443), 'own-listener');
  assert.equal(at('192.168.1.6', 443), null);
});

test('F1: naming an endpoint waives loopback and the ranges, never link-local, metadata or multicast', () => {
  const site: SiteReach = {
    ranges: [],
    endpoints: ['8.8.8.8', '169.254.169.254', '169.254.1.1', 'ff02::1', '100.64.0.1'].map((text) => endpoint(text, 80)),
  };
  assert.equal(check('8.8.8.8', site), null);
  assert.equal(check('169.254.169.254', site), 'metadata');
  assert.equal(check('169.254.1.1', site), 'link-local');
  assert.equal(check('ff02::1', site), 'multicast');
  assert.equal(check('100.64.0.1', site), 'shared-address-space');
});

function check(text: string, site: SiteReach) {
  return checkAddress(address(text), 80, site, elsewhere);
}

function endpoint(text: string, port: number) {
  return { address: address(text), port };
}

function address(text: string): Address {
  const parsed = parseAddress(text);
  assert.ok(parsed, text);
  return parsed;
}
