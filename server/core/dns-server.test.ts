// A DNS server’s text is read as people write it, and written so that it is read again.
import assert from 'node:assert/strict';
import { test } from 'node:test';
import { dnsServerText, parseDnsServer, splitDnsServer } from './dns-server.ts';

test('a DNS server is read as people write it, and written so that it is read again', () => {
  const table = [
    ['9.9.9.9', { address: '9.9.9.9', port: 53 }, '9.9.9.9'],
    [' 9.9.9.9 ', { address: '9.9.9.9', port: 53 }, '9.9.9.9'],
    ['10.0.0.53:5353', { address: '10.0.0.53', port: 5353 }, '10.0.0.53:5353'],
    ['9.9.9.9:53', { address: '9.9.9.9', port: 53 }, '9.9.9.9'],
    ['9.9.9.9#dns.quad9.net', { address: '9.9.9.9', port: 853, tlsName: 'dns.quad9.net' }, '9.9.9.9#dns.quad9.net'],
    [
      '9.9.9.9:53#DNS.quad9.net.',
      { address: '9.9.9.9', port: 53, tlsName: 'dns.quad9.net' },
      '9.9.9.9:53#dns.quad9.net',
    ],
    ['fd00::53', { address: 'fd00::53', port: 53 }, 'fd00::53'],
    ['[fd00:0::53]', { address: 'fd00::53', port: 53 }, 'fd00::53'],
    ['[fd00::53]:5353', { address: 'fd00::53', port: 5353 }, '[fd00::53]:5353'],
    [
      '2620:fe::fe#dns.quad9.net',
      { address: '2620:fe::fe', port: 853, tlsName: 'dns.quad9.net' },
      '2620:fe::fe#dns.quad9.net',
    ],
    [
      '[2620:fe::fe]:853#dns.quad9.net',
      { address: '2620:fe::fe', port: 853, tlsName: 'dns.quad9.net' },
      '2620:fe::fe#dns.quad9.net',
    ],
    [
      '[2620:fe::fe]:443#dns.quad9.net',
      { address: '2620:fe::fe', port: 443, tlsName: 'dns.quad9.net' },
      '[2620:fe::fe]:443#dns.quad9.net',
    ],
  ] as const;
  for (const [text, server, written] of table) {
    const read = parseDnsServer(text);
    assert.deepEqual(read, server, text);
    assert.ok(read);
    assert.equal(dnsServerText(read), written);
    assert.deepEqual(parseDnsServer(written), server, written);
  }
});

test('text that names no server is refused, and its parts stay as they were written', () => {
  const bad = [
    ...['', 'dns.quad9.net', '9.9.9', '9.9.9.9:', '9.9.9.9:0', '9.9.9.9:65536', '9.9.9.9:5e1', '9.9.9.9:-53'],
    ...['9.9.9.9#', '9.9.9.9# ', '9.9.9.9#a b', '9.9.9.9#1.2.3.4', '9.9.9.9#a#b', '#dns.quad9.net', '9.9.9.9 53'],
    ...['[fd00::53', 'fd00::53]', '[fd00::53]5353', '[fd00::53]:', 'fe80::1%eth0', '[fe80::1%eth0]:53', '[9.9.9.9.9]'],
  ];
  for (const text of bad) assert.equal(parseDnsServer(text), null, text);
  assert.deepEqual(splitDnsServer('dns:x#y z'), { address: 'dns', port: 'x', tlsName: 'y z' });
  assert.deepEqual(splitDnsServer('1:2:3'), { address: '1:2:3', port: null, tlsName: null });
});
