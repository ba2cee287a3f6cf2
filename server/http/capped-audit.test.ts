// What anybody can cause in any number fills no store, and one kind of flood hides no other kind of event.
import assert from 'node:assert/strict';
import { test } from 'node:test';
import { pino } from 'pino';
import { auditCapped, auditOnceAMinute } from './capped-audit.ts';
import type { GatewayAudit } from './gateway-context.ts';

function start() {
  const written: GatewayAudit[] = [];
  const clock = { now: 1_000_000 };
  const gateway = {
    audit: (event: GatewayAudit) => void written.push(event),
    log: pino({ level: 'silent' }),
    now: () => clock.now,
  };
  return { gateway, written, clock };
}

const event: GatewayAudit = {
  level: 'info',
  action: 'handshake-refused',
  identity: null,
  app: null,
  outcome: 'refused',
  reason: 'origin-not-portal',
  supportId: 'A',
  clientAddress: '192.0.2.1',
};

test('a flood of refused handshakes is written fifty times and then once a second', () => {
  const { gateway, written, clock } = start();
  for (let i = 0; i < 1_000; i += 1) auditCapped(gateway, event);
  assert.equal(written.length, 50);
  clock.now += 3_000;
  for (let i = 0; i < 1_000; i += 1) auditCapped(gateway, event);
  assert.equal(written.length, 53);
});

test('C1: a flood of one action leaves room for the alarm of another', () => {
  const { gateway, written } = start();
  for (let i = 0; i < 1_000; i += 1) auditCapped(gateway, event);
  auditCapped(gateway, { ...event, level: 'alarm', action: 'grant-replayed' });
  assert.equal(written.at(-1)?.action, 'grant-replayed');
});

test('a page that polls after its person lost access is one event a minute', () => {
  const { gateway, written, clock } = start();
  const refused: GatewayAudit = { ...event, action: 'access-refused', reason: 'not-assigned' };
  for (let second = 0; second < 60; second += 1) {
    auditOnceAMinute(gateway, refused);
    clock.now += 1_000;
  }
  assert.equal(written.length, 1);
  auditOnceAMinute(gateway, refused);
  assert.equal(written.length, 2);
  auditOnceAMinute(gateway, { ...refused, reason: 'app-disabled' });
  assert.equal(written.length, 3);
});
