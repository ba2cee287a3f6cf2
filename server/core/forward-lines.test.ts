// The lines that make a DNS server ask others about a zone, each in its program's own words.
import assert from 'node:assert/strict';
import { test } from 'node:test';
import { at } from './cluster.testing.ts';
import { forwardLines } from './forward-lines.ts';
import type { Hostname } from './hostname.ts';

const ZONE = 'corp.example' as Hostname;

test('each DNS server has its own words', () => {
  const lines = Object.fromEntries(
    forwardLines([ZONE], [{ address: at('10.0.0.53'), port: 53 }]).map((each) => [each.program, each.lines]),
  );
  assert.deepEqual(lines, {
    'Windows DNS (PowerShell)': ['Add-DnsServerConditionalForwarderZone -Name "corp.example" -MasterServers 10.0.0.53'],
    BIND: ['zone "corp.example" { type forward; forward only; forwarders { 10.0.0.53; }; };'],
    Unbound: [
      'server: domain-insecure: "corp.example." private-domain: "corp.example."',
      'forward-zone: name: "corp.example." forward-addr: 10.0.0.53',
    ],
    dnsmasq: ['server=/corp.example/10.0.0.53', 'rebind-domain-ok=/corp.example/'],
  });
});

test('several servers stand beside each other, and each program tries them in its own order', () => {
  const servers = ['10.0.0.53', '10.0.0.54'].map((text) => ({ address: at(text), port: 53 }));
  assert.deepEqual(
    forwardLines([ZONE], servers).map(({ lines }) => lines[0]),
    [
      'Add-DnsServerConditionalForwarderZone -Name "corp.example" -MasterServers 10.0.0.53, 10.0.0.54',
      'zone "corp.example" { type forward; forward only; forwarders { 10.0.0.53; 10.0.0.54; }; };',
      'server: domain-insecure: "corp.example." private-domain: "corp.example."',
      'server=/corp.example/10.0.0.53',
    ],
  );
});

test('dnsmasq asks all of several servers, since it would stay with a dead one', () => {
  const servers = ['10.0.0.53', '10.0.0.54'].map((text) => ({ address: at(text), port: 53 }));
  const lines = forwardLines([ZONE], servers).find(({ program }) => program === 'dnsmasq')?.lines;
  assert.deepEqual(lines, [
    'server=/corp.example/10.0.0.53',
    'server=/corp.example/10.0.0.54',
    'rebind-domain-ok=/corp.example/',
    'all-servers',
  ]);
});

test('with another port Windows has no line, and the others name it', () => {
  const lines = forwardLines([ZONE], [{ address: at('10.0.0.53'), port: 15353 }]);
  assert.deepEqual(
    lines.map(({ program }) => program),
    ['BIND', 'Unbound', 'dnsmasq'],
  );
  for (const { lines: each } of lines) assert.match(each.join(' '), /15353/);
});
