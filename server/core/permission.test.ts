// The promises of the permission table: admins may all, auditors read, app owners keep to their own, and everybody keeps their own machines.
import assert from 'node:assert/strict';
import { test } from 'node:test';
import { ROLES, type Role } from './identity.ts';
import { ACTIONS, may } from './permission.ts';

test('M1: every role and action is decided, and only what the table says is allowed', () => {
  const writes = ACTIONS.filter((action) => !action.endsWith('.read'));
  for (const action of ACTIONS) {
    assert.equal(may('admin', action), true, action);
    assert.equal(may('auditor', action), !writes.includes(action), action);
    assert.equal(may('app-owner', action), false, action);
    assert.equal(may('app-owner', action, 'own'), /^(apps|tokens|machines)\.(read|write)$/.test(action), action);
    assert.equal(may('member', action), false, action);
    assert.equal(may('member', action, 'own'), action.startsWith('machines.'), action);
  }
});

test('A6: a role or an action that nobody knows has no right', () => {
  for (const role of ['', 'root', '__proto__', 'constructor', 'Admin'] as unknown[]) {
    for (const action of ACTIONS) assert.equal(may(role as Role, action, 'own'), false);
  }
  for (const action of ['', 'apps', '__proto__', 'constructor', 'toString', 'apps.read ']) {
    for (const role of ROLES) assert.equal(may(role, action as (typeof ACTIONS)[number], 'own'), false);
  }
});
