// Who may open an app, between core's type and the rows that hold it.
import type { Transaction } from 'kysely';
import type { Assignment } from '#server/core/policy.ts';
import type { Tables } from './tables.ts';
import type { Writing } from './write.ts';

export async function replaceAssignments(
  { trx }: Pick<Writing, 'trx'>,
  appId: string,
  assignments: readonly Assignment[],
  updatedAt: number,
): Promise<void> {
  const { everyone, users, groups } = assignedDetail(assignments);
  const row = { everyone: everyone ? 1 : 0, updated_at: updatedAt } as const;
  await trx.updateTable('apps').set(row).where('id', '=', appId).execute();
  await trx.deleteFrom('app_users').where('app_id', '=', appId).execute();
  await trx.deleteFrom('app_groups').where('app_id', '=', appId).execute();
  const ofUser = users.map((user_id) => ({ app_id: appId, user_id }));
  const ofGroup = groups.map((group_id) => ({ app_id: appId, group_id }));
  if (ofUser.length > 0) await trx.insertInto('app_users').values(ofUser).execute();
  if (ofGroup.length > 0) await trx.insertInto('app_groups').values(ofGroup).execute();
}

export async function assignmentsOf(trx: Transaction<Tables>, app: Tables['apps']): Promise<Assignment[]> {
  const users = await trx.selectFrom('app_users').select('user_id').where('app_id', '=', app.id).execute();
  const groups = await trx.selectFrom('app_groups').select('group_id').where('app_id', '=', app.id).execute();
  return [
    ...(app.everyone === 1 ? [{ kind: 'everyone' as const }] : []),
    ...users.map(({ user_id }) => ({ kind: 'user' as const, userId: user_id })),
    ...groups.map(({ group_id }) => ({ kind: 'group' as const, groupId: group_id })),
  ];
}

/** As the audit says it. */
export function assignedDetail(assignments: readonly Assignment[]) {
  return {
    everyone: assignments.some((each) => each.kind === 'everyone'),
    users: assignments.flatMap((each) => (each.kind === 'user' ? [each.userId] : [])),
    groups: assignments.flatMap((each) => (each.kind === 'group' ? [each.groupId] : [])),
  };
}

export function isSameAssignment(a: Assignment, b: Assignment): boolean {
  return JSON.stringify(a) === JSON.stringify(b);
}
