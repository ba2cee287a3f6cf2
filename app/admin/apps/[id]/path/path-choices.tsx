// Which of an app's names and upstreams a look is at, and for whom policy is asked. Hidden where there is nothing to choose.
'use client';
import { type FormEvent, useId, useState } from 'react';
import { usePathText } from '../../../../path/path-texts.ts';
import { Field, SelectField } from '../../../../ui/field.tsx';

export type Chosen = { host: string; route: number; person: string };

type Person = { id: string; name: string; email: string };

type Props = {
  appId: string;
  hosts: readonly string[];
  prefixes: readonly string[];
  mayChoosePerson: boolean;
  chosen: Chosen;
  onChoose(chosen: Chosen): void;
};

export function PathChoices({ appId, chosen, hosts, mayChoosePerson, onChoose, prefixes }: Props) {
  const t = usePathText();
  if (hosts.length < 2 && prefixes.length === 0 && !mayChoosePerson) return null;
  return (
    <div className="mb-6 grid gap-4 sm:grid-cols-2 lg:grid-cols-3">
      {hosts.length > 1 && (
        <SelectField
          label={t('choose.host')}
          name="host"
          value={chosen.host}
          onChange={(event) => onChoose({ ...chosen, host: event.target.value })}
        >
          {hosts.map((host) => (
            <option key={host}>{host}</option>
          ))}
        </SelectField>
      )}
      {prefixes.length > 0 && (
        <SelectField
          label={t('choose.route')}
          name="route"
          value={chosen.route}
          onChange={(event) => onChoose({ ...chosen, route: Number(event.target.value) })}
        >
          <option value={-1}>{t('choose.own')}</option>
          {prefixes.map((prefix, at) => (
            <option key={prefix} value={at}>
              {t('choose.below', { prefix })}
            </option>
          ))}
        </SelectField>
      )}
      {mayChoosePerson && <PersonField appId={appId} onChoose={(person) => onChoose({ ...chosen, person })} />}
    </div>
  );
}

/** Proposes people while one types; an e-mail address that is somebody's is the choice. Empty means oneself. */
function PersonField({ appId, onChoose }: { appId: string; onChoose(id: string): void }) {
  const t = usePathText();
  const listId = useId();
  const [people, setPeople] = useState<readonly Person[]>([]);
  const [error, setError] = useState<string | undefined>();

  async function search(text: string): Promise<readonly Person[]> {
    const answer = await fetch(`/admin/apps/${appId}/path/people?${new URLSearchParams({ q: text })}`).catch(
      () => null,
    );
    return answer?.ok ? ((await answer.json()) as { people: Person[] }).people : [];
  }

  async function onInput(text: string): Promise<void> {
    setError(undefined);
    if (text === '') return onChoose('');
    const found = await search(text);
    setPeople(found);
    const exact = found.find(({ email }) => email.toLowerCase() === text.toLowerCase());
    if (exact) onChoose(exact.id);
  }

  async function onSubmit(event: FormEvent<HTMLFormElement>): Promise<void> {
    event.preventDefault();
    const text = String(new FormData(event.currentTarget).get('person') ?? '').trim();
    if (text === '') return onChoose('');
    const [only, ...others] = await search(text);
    if (only && others.length === 0) onChoose(only.id);
    else setError(t('choose.nobody'));
  }

  return (
    <form onSubmit={(event) => void onSubmit(event)} noValidate>
      <Field
        label={t('choose.person')}
        name="person"
        list={listId}
        autoComplete="off"
        placeholder={t('choose.yourself')}
        hint={t('choose.personHint')}
        error={error}
        onChange={(event) => void onInput(event.target.value.trim())}
      />
      <datalist id={listId}>
        {people.map(({ email, id, name }) => (
          <option key={id} value={email}>
            {name}
          </option>
        ))}
      </datalist>
    </form>
  );
}
