// People by the API, and the groups that they are in.

import { erasePerson } from '#server/store/erasure.ts';
import { deleteGroup, type GroupRecord, getGroup, listGroups, saveGroup, setMembers } from '#server/store/groups.ts';
import { exportPerson } from '#server/store/person-export.ts';
import { parseInput } from '#server/store/schema/parse-input.ts';
import { endSessionsOfUser } from '#server/store/sessions.ts';
import { createPasswordLink } from '#server/store/setup-links.ts';
import { deleteUser, getUser, listUsers, saveUser, type UserRecord } from '#server/store/users.ts';
import { setupUrl } from '../../setup/setup-url.ts';
import { refusal } from './reply.ts';
import { resource, type Shown, savedOr } from './resource.ts';
import type { Route } from './route-table.ts';
import { erasureInput } from './schemas.ts';

const REACH = 'A token gives or changes only roles whose scopes it has itself.';

const USERS: readonly Route[] = [
  ...resource({
    ...{ tag: 'People', path: '/users', one: 'a person', many: 'people' },
    needs: { read: 'people.read', write: 'people.write' },
    schemas: { list: 'UserList', answer: 'User', input: 'UserInput' },
    // How somebody signs in is said when they are made, and stays.
    readOnly: ['id', 'providerId', 'signIn', 'groups', 'createdAt', 'updatedAt', 'lastSignInAt'],
    notes: {
      save: `A password is only written: left out, it stays, and another one ends their sessions and tokens. ${REACH}`,
      remove: 'Their sessions and tokens end.',
    },
    list: async (store, actor, query) => {
      const found = await listUsers(store, actor, query);
      return found.kind === 'listed' ? { ...found, rows: found.rows.map(shownUser) } : found;
    },
    get: async (store, actor, id) => {
      const found = await getUser(store, actor, id);
      if (found.kind !== 'found') return found;
      const { kind: _, ...user } = found;
      return { kind: 'shown', shown: shownUser(user) };
    },
    save: saveUser,
    remove: deleteUser,
  }),
  {
    ...{ method: 'POST', path: '/users/{id}/password-link', needs: ['people.write'], tag: 'People' },
    summary: 'Make a link to set a password with',
    description: `The links that were made before are worth nothing from then on. ${REACH}`,
    answers: { status: 200, schema: 'PasswordLink' },
    run: async ({ context, actor, params }) => {
      const made = await createPasswordLink(context.store, actor, params.id ?? '');
      if (made.kind !== 'saved') return refusal(made);
      return { kind: 'done', status: 200, body: { url: setupUrl(context.portal, made.token) } };
    },
  },
  {
    ...{ method: 'DELETE', path: '/users/{id}/sessions', needs: ['people.read', 'sessions.end'], tag: 'People' },
    summary: 'Sign a person out everywhere',
    description: 'Their API tokens are revoked as well.',
    answers: { status: 204 },
    run: async ({ context, actor, params }) => {
      const person = await getUser(context.store, actor, params.id ?? '');
      if (person.kind !== 'found') return refusal(person);
      const ended = await endSessionsOfUser(context.store, actor, person.id, { reason: 'ended-by-admin' });
      return ended.kind === 'saved' ? { kind: 'nothing' } : refusal(ended);
    },
  },
  {
    ...{ method: 'GET', path: '/users/{id}/export', needs: ['people.read', 'audit.read'], tag: 'People' },
    summary: 'Export everything that is kept of a person',
    description: 'No secret is in it. That it was taken is in the audit.',
    answers: { status: 200, schema: 'PersonExport' },
    run: async ({ context, actor, params }) => {
      const exported = await exportPerson(context.store, actor, params.id ?? '');
      if (exported.kind !== 'exported') return refusal(exported);
      return { kind: 'file', pieces: exported.pieces, type: 'application/json', name: 'person.json' };
    },
  },
  {
    ...{
      method: 'POST',
      path: '/users/{id}/erasure',
      needs: ['people.write'],
      tag: 'People',
      summary: 'Erase a person',
    },
    description:
      'For good: the audit keeps what was done, under a pseudonym. The e-mail address is asked for so that nobody is erased by mistake.',
    body: 'ErasureInput',
    answers: { status: 200, schema: 'Erased' },
    run: async ({ context, actor, params, body }) => {
      const parsed = parseInput(erasureInput, body);
      if (parsed.kind === 'invalid') return refusal(parsed);
      const erased = await erasePerson(context.store, actor, params.id ?? '', parsed.value.email);
      if (erased.kind !== 'saved') return refusal(erased);
      return { kind: 'done', status: 200, body: { pseudonym: erased.pseudonym } };
    },
  },
];

const GROUPS: readonly Route[] = [
  ...resource({
    ...{ tag: 'Groups', path: '/groups', one: 'a group', many: 'groups' },
    needs: { read: 'people.read', write: 'people.write' },
    schemas: { list: 'GroupList', answer: 'Group', input: 'GroupInput' },
    readOnly: ['id', 'source', 'providerId', 'memberCount', 'updatedAt'],
    notes: { save: 'A provider’s group is changed at the provider.' },
    list: async (store, actor, query) => listGroups(store, actor, query),
    get: async (store, actor, id) => {
      const found = await getGroup(store, actor, id);
      return found.kind === 'found' ? { kind: 'shown', shown: shownGroup(found.group) } : found;
    },
    save: saveGroup,
    remove: deleteGroup,
  }),
  {
    ...{ method: 'GET', path: '/groups/{id}/members', needs: ['people.read'], tag: 'Groups' },
    summary: 'Read who is in a group',
    answers: { status: 200, schema: 'MemberList', hasVersion: true },
    run: async ({ context, actor, params }) => {
      const found = await getGroup(context.store, actor, params.id ?? '');
      if (found.kind !== 'found') return refusal(found);
      return { kind: 'done', status: 200, body: { items: found.members }, version: found.group.updatedAt };
    },
  },
  {
    ...{ method: 'PUT', path: '/groups/{id}/members', needs: ['people.write'], tag: 'Groups' },
    summary: 'Say who is in a group',
    description:
      'The ids of all of them: whoever is not in the list is in the group no more. The version is the group’s.',
    body: 'Members',
    ifMatch: 'required',
    answers: { status: 200, schema: 'Saved', hasVersion: true },
    run: async ({ context, actor, params, body, expected }) =>
      savedOr(await setMembers(context.store, actor, params.id ?? '', body, expected)),
  },
];

export const PEOPLE: readonly Route[] = [...USERS, ...GROUPS];

function shownUser({ signIn, ...user }: UserRecord): Shown {
  if (signIn.kind === 'password') return { ...user, providerId: null, signIn };
  const { providerId, ...rest } = signIn;
  return { ...user, providerId, signIn: rest };
}

function shownGroup(group: GroupRecord): Shown {
  return { ...group };
}
