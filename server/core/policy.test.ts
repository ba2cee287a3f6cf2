// Who an app is assigned to: nobody by default, then people, groups, everyone.
import assert from 'node:assert/strict';
import { test } from 'node:test';
import type { Identity } from './identity.ts';
import { type Assignment, compileAccessRule, isAssigned, NOBODY } from './policy.ts';

const ada: Identity = {
  userId: 'ada',
  issuer: 'local',
  subject: 'ada',
  email: 'ada@corp.example',
  name: 'Ada',
  role: 'member',
  groupIds: ['ops', 'eng'],
  groupNames: ['Ops', 'Engineering'],
  disabled: false,
};

test('an app without assignments is nobody’s', () => {
  assert.equal(isAssigned(NOBODY, ada), false);
  assert.equal(isAssigned(compileAccessRule([]), ada), false);
});

const cases: [assignments: Assignment[], expected: boolean][] = [
  [[{ kind: 'everyone' }], true],
  [[{ kind: 'user', userId: 'ada' }], true],
  [[{ kind: 'user', userId: 'grace' }], false],
  [[{ kind: 'group', groupId: 'eng' }], true],
  [[{ kind: 'group', groupId: 'hr' }], false],
  [
    [
      { kind: 'user', userId: 'grace' },
      { kind: 'group', groupId: 'ops' },
    ],
    true,
  ],
  // A group's id is not a user's id.
  [
    [
      { kind: 'user', userId: 'ops' },
      { kind: 'group', groupId: 'ada' },
    ],
    false,
  ],
];

for (const [assignments, expected] of cases) {
  test(`${JSON.stringify(assignments)} ${expected ? 'lets Ada in' : 'leaves Ada out'}`, () => {
    assert.equal(isAssigned(compileAccessRule(assignments), ada), expected);
  });
}
