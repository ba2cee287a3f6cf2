// The group editor: a name, and who is in it. The members of a provider's group are the provider's to change.
'use client';
import { useTranslations } from 'next-intl';
import { type FormEvent, useState } from 'react';
import type { GroupMember, GroupRecord } from '#server/store/groups.ts';
import { ConfirmButton } from '../../ui/confirm-button.tsx';
import { Field } from '../../ui/field.tsx';
import { FormProblem, SaveBar, Section } from '../form/form-parts.tsx';
import { textOf } from '../form/form-values.ts';
import { useSave } from '../form/use-save.ts';
import type { Person } from '../users/person.ts';
import { deleteGroupAction, saveGroupAction } from './actions.ts';
import { MemberPicker, type People } from './member-picker.tsx';

type Props = { group: GroupRecord | null; members: readonly GroupMember[]; people: People; isReadOnly?: boolean };

export function GroupForm({ group, members, people, isReadOnly }: Props) {
  const [t, common] = [useTranslations('people'), useTranslations('common')];
  const save = useSave(group?.updatedAt);
  const [id, setId] = useState(group?.id ?? null);
  const [chosen, setChosen] = useState<ReadonlyMap<string, Person>>(
    () => new Map(members.map((member) => [member.userId, member])),
  );
  const isLocal = group?.source !== 'provider';

  function onSubmit(event: FormEvent<HTMLFormElement>) {
    event.preventDefault();
    const input = { name: textOf(new FormData(event.currentTarget), 'name') };
    const sending = saveGroupAction(id, input, isLocal ? [...chosen.keys()] : null, save.openedAt).then((result) => {
      // The group may exist although its members were refused: the next save must not create it twice.
      if (result.groupId) setId(result.groupId);
      return result;
    });
    save.send(sending, (saved: { id: string }) => (group ? null : `/admin/groups/${saved.id}`));
  }

  function toggle(person: Person, isOn: boolean) {
    const next = new Map(chosen);
    if (isOn) next.set(person.userId, person);
    else next.delete(person.userId);
    setChosen(next);
  }

  return (
    <form onSubmit={onSubmit} noValidate>
      <FormProblem save={save} known={['name']} />
      <fieldset disabled={isReadOnly} className="min-w-0">
        <Section title={t('group')}>
          <Field label={t('name')} name="name" required defaultValue={group?.name} error={save.errors.name} />
        </Section>
        <Section
          title={t('members')}
          about={isLocal ? t('chosenCount', { count: chosen.size }) : t('providerGroupAbout')}
        >
          {isLocal ? (
            <MemberPicker people={people} chosen={chosen} onToggle={toggle} />
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
        <SaveBar
          save={save}
          label={group ? common('save') : t('addGroup')}
          cancelHref="/admin/groups"
          chosen={[...chosen.keys()].sort()}
        >
          {group && (
            <ConfirmButton
              label={common('delete')}
              title={t('deleteTitle', { name: group.name })}
              confirmLabel={t('deleteGroup')}
              action={() => deleteGroupAction(group.id)}
              doneHref="/admin/groups"
            >
              {t('deleteGroupAbout')}
            </ConfirmButton>
          )}
        </SaveBar>
      )}
    </form>
  );
}
