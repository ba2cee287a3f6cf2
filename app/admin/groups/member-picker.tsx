// Who is in a group: the chosen ones first, then people to choose from; beyond those that are shown, one searches.
'use client';
import { useTranslations } from 'next-intl';
import { useEffect, useState } from 'react';
import { CheckField } from '../../ui/field.tsx';
import type { Person } from '../users/person.ts';

export type People = { first: readonly Person[]; total: number };
type Props = { people: People; chosen: ReadonlyMap<string, Person>; onToggle(person: Person, isOn: boolean): void };

/** Somebody who types has not finished yet. */
const PAUSE_MS = 150;

export function MemberPicker({ people, chosen, onToggle }: Props) {
  const t = useTranslations('people');
  const [search, setSearch] = useState('');
  const [found, setFound] = useState<People>(people);
  const [isLost, setLost] = useState(false);
  const query = search.trim();
  useEffect(() => {
    setLost(false);
    if (query === '') return setFound(people);
    const stopped = new AbortController();
    const timer = setTimeout(() => {
      findPeople(query, stopped.signal).then(setFound, () => {
        if (!stopped.signal.aborted) setLost(true);
      });
    }, PAUSE_MS);
    return () => {
      clearTimeout(timer);
      stopped.abort();
    };
  }, [query, people]);

  const kept = [...chosen.values()].filter((person) => query === '' && !found.first.some(isSame(person)));
  const shown = [...kept, ...found.first];
  const hidden = found.total - found.first.length;
  return (
    <div className="card p-3.5">
      <input
        type="search"
        aria-label={t('searchPeople')}
        placeholder={t('searchPeople')}
        value={search}
        onChange={(event) => setSearch(event.target.value)}
        className="field mb-3"
      />
      <div className="max-h-96 overflow-y-auto">
        {shown.map((person) => (
          <CheckField
            key={person.userId}
            label={person.name}
            hint={person.email}
            name="member"
            value={person.userId}
            checked={chosen.has(person.userId)}
            onChange={(event) => onToggle(person, event.target.checked)}
          />
        ))}
      </div>
      <p role="status" className="mt-2 text-[0.8125rem] text-muted empty:hidden">
        {isLost
          ? t('searchFailed')
          : shown.length === 0
            ? t('nobodyMatches')
            : hidden > 0
              ? t('morePeople', { count: hidden })
              : ''}
      </p>
    </div>
  );
}

const isSame = (person: Person) => (other: Person) => other.userId === person.userId;

async function findPeople(query: string, signal: AbortSignal): Promise<People> {
  const response = await fetch(`/admin/users/find?${new URLSearchParams({ q: query })}`, { signal });
  if (!response.ok) throw new Error(`The search was answered with ${response.status}.`);
  const { people, total } = await response.json();
  return { first: people, total };
}
