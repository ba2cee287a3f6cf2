// Who may open an app: everyone signed in, or the groups and people that are ticked.
'use client';
import { useTranslations } from 'next-intl';
import { useState } from 'react';
import type { Assignment } from '#server/core/policy.ts';
import { CheckField } from '../../ui/field.tsx';
import type { AppChoices, Choice } from './app-choices.ts';

type Props = {
  value: readonly Assignment[];
  onChange(value: readonly Assignment[]): void;
  choices: AppChoices;
  errors: Record<string, string>;
};

export function AssignmentPicker({ value, onChange, choices, errors }: Props) {
  const t = useTranslations('apps');
  const [search, setSearch] = useState('');
  const isEveryone = value.some(({ kind }) => kind === 'everyone');
  const keys = new Set(value.map(keyOf));
  const toggle = (assignment: Assignment, isOn: boolean) =>
    onChange(isOn ? [...value, assignment] : value.filter((each) => keyOf(each) !== keyOf(assignment)));
  const matching = (list: readonly Choice[]) =>
    list.filter(({ name, note }) => `${name} ${note}`.toLowerCase().includes(search.trim().toLowerCase()));
  const error = Object.entries(errors).find(([path]) => path.startsWith('assignments'))?.[1];

  return (
    <div className="grid gap-3">
      <CheckField
        label={t('who.everyone')}
        name="everyone"
        checked={isEveryone}
        onChange={(event) => toggle({ kind: 'everyone' }, event.target.checked)}
        error={error}
      />
      {!isEveryone && choices.groups.length + choices.users.length > 0 && (
        <div className="card p-3.5">
          <input
            type="search"
            aria-label={t('form.searchPeople')}
            placeholder={t('form.searchPeople')}
            value={search}
            onChange={(event) => setSearch(event.target.value)}
            className="field mb-3"
          />
          <div className="max-h-80 overflow-y-auto">
            <Group
              legend={t('form.groups')}
              list={matching(choices.groups)}
              of={(groupId) => ({ kind: 'group', groupId })}
              keys={keys}
              toggle={toggle}
            />
            <Group
              legend={t('form.people')}
              list={matching(choices.users)}
              of={(userId) => ({ kind: 'user', userId })}
              keys={keys}
              toggle={toggle}
            />
          </div>
        </div>
      )}
    </div>
  );
}

function Group(props: {
  legend: string;
  list: readonly Choice[];
  of(id: string): Assignment;
  keys: ReadonlySet<string>;
  toggle(assignment: Assignment, isOn: boolean): void;
}) {
  if (props.list.length === 0) return null;
  return (
    <fieldset className="mb-2 last:mb-0">
      <legend className="mb-0.5 text-[0.8125rem] font-medium text-muted">{props.legend}</legend>
      {props.list.map(({ id, name, note }) => (
        <CheckField
          key={id}
          id={`assign-${id}`}
          label={name}
          hint={note}
          name="assigned"
          value={id}
          checked={props.keys.has(keyOf(props.of(id)))}
          onChange={(event) => props.toggle(props.of(id), event.target.checked)}
        />
      ))}
    </fieldset>
  );
}

function keyOf(assignment: Assignment): string {
  switch (assignment.kind) {
    case 'everyone':
      return 'everyone';
    case 'user':
      return `user ${assignment.userId}`;
    case 'group':
      return `group ${assignment.groupId}`;
    default:
      return assignment satisfies never;
  }
}
