// The promises of scopes: one for each action, none beyond a role, and a token makes nobody more than it is.
import assert from 'node:assert/strict';
import { test } from 'node:test';
import { ROLES } from './identity.ts';
import { ACTIONS, may } from './permission.ts';
import { coversRole, SCOPES, type Scope, scopeOf, scopesOf } from './scope.ts';

test('every action is one scope, and a role gives the scopes of what it may do', () => {
  assert.equal(new Set(SCOPES).size, ACTIONS.length);
  for (const role of ROLES) {
    for (const action of ACTIONS) {
      assert.equal(scopesOf(role).includes(scopeOf(action)), may(role, action, 'own'), `${role} ${action}`);
    }
  }
  assert.deepEqual(scopesOf('member'), ['machines:read', 'machines:write']);
});

test('M4: only a token with all of a role’s scopes may give that role', () => {
  assert.ok(coversRole([], 'member'));
  assert.ok(coversRole(SCOPES, 'admin'));
  for (const missing of SCOPES) {
    const scopes = SCOPES.filter((scope) => scope !== missing);
    assert.equal(coversRole(scopes, 'admin'), false, missing);
  }
  const writer: readonly Scope[] = ['people:read', 'people:write'];
  assert.deepEqual(
    ROLES.filter((role) => coversRole(writer, role)),
    ['member'],
  );
});
