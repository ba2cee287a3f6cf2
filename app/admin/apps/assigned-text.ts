// Who may open an app, in a few words.
import type { Assignment } from '#server/core/policy.ts';

export function assignedText(assignments: readonly Assignment[]): string {
  if (assignments.some(({ kind }) => kind === 'everyone')) return 'Everyone signed in';
  const groups = count(assignments, 'group', 'group');
  const users = count(assignments, 'user', 'person', 'people');
  return [groups, users].filter(Boolean).join(', ') || 'Nobody yet';
}

function count(assignments: readonly Assignment[], kind: Assignment['kind'], one: string, many = `${one}s`): string {
  const found = assignments.filter((assignment) => assignment.kind === kind).length;
  return found === 0 ? '' : `${found} ${found === 1 ? one : many}`;
}
