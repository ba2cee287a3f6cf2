import assert from 'node:assert/strict';
import { test } from 'node:test';
import { endpointText } from '#server/core/dns-server.ts';
import { dnsServerOf, endpointOf, linesOf } from './form-values.ts';

test('an endpoint is read as people write it, and written as it is read', () => {
  const table = [
    ['192.168.1.53:5353', { address: '192.168.1.53', port: 5353 }],
    ['192.168.1.53', { address: '192.168.1.53', port: 53 }],
    ['[fd00::53]:5353', { address: 'fd00::53', port: 5353 }],
    ['[fd00::53]', { address: 'fd00::53', port: 53 }],
    ['fd00::53', { address: 'fd00::53', port: 53 }],
    ['dns.corp.internal:53', { address: 'dns.corp.internal', port: 53 }],
  ] as const;
  for (const [text, endpoint] of table) assert.deepEqual(endpointOf(text, 53), endpoint);
  assert.equal(endpointText({ address: 'fd00::53', port: 53 }), '[fd00::53]:53');
  assert.equal(endpointText({ address: '10.0.0.1', port: 53 }), '10.0.0.1:53');
});

test('a DNS server goes to the store in the parts that were typed, right or wrong', () => {
  assert.deepEqual(dnsServerOf('9.9.9.9'), { address: '9.9.9.9' });
  assert.deepEqual(dnsServerOf('[fd00::53]:5353'), { address: 'fd00::53', port: '5353' });
  assert.deepEqual(dnsServerOf('9.9.9.9:853#dns.quad9.net'), {
    address: '9.9.9.9',
    port: '853',
    tlsName: 'dns.quad9.net',
  });
  assert.deepEqual(dnsServerOf('here:x#'), { address: 'here', port: 'x', tlsName: '' });
});

test('a port that has no default stays missing, so that the store can say so', () => {
  assert.deepEqual(endpointOf('10.0.0.1', null), { address: '10.0.0.1', port: '' });
});

test('empty lines at the end of a list are no entries, the others keep their place', () => {
  const form = new FormData();
  for (const line of [' a ', '', 'b', '', '  ']) form.append('hosts', line);
  assert.deepEqual(linesOf(form, 'hosts'), ['a', '', 'b']);
});
