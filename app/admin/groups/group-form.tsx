// The group editor: a name, and who is in it. The members of a provider's group are the provider's to change.
'use client';
import { type FormEvent, useState } from 'react';
import type { GroupMember, GroupRecord } from '#server/store/groups.ts';
import { ConfirmButton } from '../../ui/confirm-button.tsx';
import { CheckField, Field } from '../../ui/field.tsx';
import { FormProblem, SaveBar, Section } from '../form/form-parts.tsx';
import { textOf } from '../form/form-values.ts';
import { useSave } from '../form/use-save.ts';
import { deleteGroupAction, saveGroupAction } from './actions.ts';

type Props = {
  group: GroupRecord | null;
  members: readonly GroupMember[];
  people: readonly GroupMember[];
  isReadOnly?: boolean;
};

export function GroupForm({ group, members, people, isReadOnly }: Props) {
  const save = useSave(group?.updatedAt);
  const [id, setId] = useState(group?.id ?? null);
  const [chosen, setChosen] = useState<ReadonlySet<string>>(new Set(members.map(({ userId }) => userId)));
  const [search, setSearch] = useState('');
  const isLocal = group?.source !== 'provider';
  const shown = people.filter(({ name, email }) =>
    `${name} ${email}`.toLowerCase().includes(search.trim().toLowerCase()),
  );

  function onSubmit(event: FormEvent<HTMLFormElement>) {
    event.preventDefault();
    const input = { name: textOf(new FormData(event.currentTarget), 'name') };
    const sending = saveGroupAction(id, input, isLocal ? [...chosen] : null, save.openedAt).then((result) => {
      // The group may exist although its members were refused: the next save must not create it twice.
      if (result.groupId) setId(result.groupId);
      return result;
    });
    save.send(sending, (saved: { id: string }) => (group ? null : `/admin/groups/${saved.id}`));
  }

  function toggle(userId: string, isOn: boolean) {
    const next = new Set(chosen);
    if (isOn) next.add(userId);
    else next.delete(userId);
    setChosen(next);
  }

  return (
    <form onSubmit={onSubmit} noValidate>
      <FormProblem save={save} known={['name']} />
      <fieldset disabled={isReadOnly} className="min-w-0">
        <Section title="Group">
          <Field label="Name" name="name" required defaultValue={group?.name} error={save.errors.name} />
        </Section>
        <Section
          title="Members"
          about={
            isLocal
              ? `${chosen.size} chosen.`
              : 'This group comes from a sign-in provider, which says at every sign-in who is in it.'
          }
        >
          {isLocal ? (
            <div className="card p-3.5">
              <input
                type="search"
                aria-label="Search people"
                placeholder="Search people"
                value={search}
                onChange={(event) => setSearch(event.target.value)}
                className="field mb-3"
              />
              <div className="max-h-96 overflow-y-auto">
                {shown.map(({ userId, name, email }) => (
                  <CheckField
                    key={userId}
                    label={name}
                    hint={email}
                    name="member"
                    value={userId}
                    checked={chosen.has(userId)}
                    onChange={(event) => toggle(userId, event.target.checked)}
                  />
                ))}
              </div>
            </div>
          ) : (
            <ul className="text-sm">
              {members.map(({ userId, name, email }) => (
                <li key={userId} className="py-1">
                  {name} <span className="text-muted">{email}</span>
                </li>
              ))}
            </ul>
          )}
        </Section>
      </fieldset>
      {!isReadOnly && (
        <SaveBar save={save} label={group ? 'Save' : 'Add group'} cancelHref="/admin/groups">
          {group && (
            <ConfirmButton
              label="Delete"
              title={`Delete ${group.name}?`}
              confirmLabel="Delete group"
              action={() => deleteGroupAction(group.id)}
              doneHref="/admin/groups"
            >
              Its members lose every app that was assigned to the group, within a second. This cannot be undone.
            </ConfirmButton>
          )}
        </SaveBar>
      )}
    </form>
  );
}
