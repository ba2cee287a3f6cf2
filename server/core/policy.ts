// Who may open an app: the compiled form of its assignments.
import type { Identity } from './identity.ts';

export type Assignment = { kind: 'everyone' } | { kind: 'user'; userId: string } | { kind: 'group'; groupId: string };

/** All assignments of one app, indexed: deciding costs the person's groups, not the app's assignments. */
export type AccessRule = {
  everyone: boolean;
  userIds: ReadonlySet<string>;
  groupIds: ReadonlySet<string>;
};

/** Most rules name nobody by one of the two ways: one set for all of them is a set that is at hand. */
const NONE: ReadonlySet<string> = new Set();

export const NOBODY: AccessRule = { everyone: false, userIds: NONE, groupIds: NONE };

export function compileAccessRule(assignments: readonly Assignment[]): AccessRule {
  const userIds = new Set<string>();
  const groupIds = new Set<string>();
  let everyone = false;
  for (const assignment of assignments) {
    switch (assignment.kind) {
      case 'everyone':
        everyone = true;
        break;
      case 'user':
        userIds.add(assignment.userId);
        break;
      case 'group':
        groupIds.add(assignment.groupId);
        break;
      default:
        assignment satisfies never;
    }
  }
  return { everyone, userIds: userIds.size > 0 ? userIds : NONE, groupIds: groupIds.size > 0 ? groupIds : NONE };
}

/** Reports whether a rule assigns the app to this person. */
export function isAssigned(rule: AccessRule, identity: Pick<Identity, 'userId' | 'groupIds'>): boolean {
  return (
    rule.everyone ||
    rule.userIds.has(identity.userId) ||
    identity.groupIds.some((groupId) => rule.groupIds.has(groupId))
  );
}
