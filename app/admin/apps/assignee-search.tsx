// Chooses groups and people by typing a part of their name: however many there are, only what is looked for is read.
'use client';
import { X } from 'lucide-react';
import { useTranslations } from 'next-intl';
import { useEffect, useId, useRef, useState } from 'react';
import type { Identity } from '#server/core/identity.ts';
import type { Assignment } from '#server/core/policy.ts';
import type { Assignee } from '#server/store/assignees.ts';
import { findAssigneesAction } from './actions.ts';

export type Chosen = { assignment: Assignment; name: string; note: string };

/** `viewer`: who chooses, and may be among the chosen by one tick. */
type Props = {
  viewer?: Pick<Identity, 'userId' | 'name' | 'email'>;
  chosen: readonly Chosen[];
  onChange(chosen: readonly Chosen[]): void;
  error?: string | undefined;
};

const LEAST_TYPED = 2;
const PAUSE_MS = 200;

export function AssigneeSearch({ viewer, chosen, onChange, error }: Props) {
  const t = useTranslations('apps');
  const id = useId();
  const [text, setText] = useState('');
  const { found, isLate } = useAssignees(text);
  const isEveryone = chosen.some(({ assignment }) => assignment.kind === 'everyone');
  const own: Chosen | null = viewer
    ? { assignment: { kind: 'user', userId: viewer.userId }, name: viewer.name, note: viewer.email }
    : null;
  const keys = new Set(chosen.map(({ assignment }) => keyOf(assignment)));

  function set(one: Chosen, isOn: boolean) {
    const others = chosen.filter(({ assignment }) => keyOf(assignment) !== keyOf(one.assignment));
    onChange(isOn ? [...others, one] : others);
  }

  return (
    <div className="grid gap-3">
      <label className="flex gap-2.5 text-[0.9375rem]">
        <input
          type="checkbox"
          checked={isEveryone}
          onChange={(event) =>
            set({ assignment: { kind: 'everyone' }, name: t('who.everyone'), note: '' }, event.target.checked)
          }
        />
        {t('who.everyone')}
      </label>
      {own && (
        <label className="flex gap-2.5 text-[0.9375rem]">
          <input
            type="checkbox"
            checked={keys.has(keyOf(own.assignment))}
            onChange={(event) => set(own, event.target.checked)}
          />
          {t('who.myself', { name: own.name })}
        </label>
      )}
      <div>
        <label htmlFor={id} className="mb-1.5 block text-sm font-medium">
          {t('assign.search')}
        </label>
        <input
          id={id}
          type="search"
          value={text}
          autoComplete="off"
          onChange={(event) => setText(event.target.value)}
          onKeyDown={(event) => {
            // Enter belongs to the search, not to the form around it.
            if (event.key === 'Enter') event.preventDefault();
          }}
          aria-describedby={`${id}-told`}
          aria-invalid={error ? true : undefined}
          className="field"
        />
        <p id={`${id}-told`} role="status" className="mt-1 text-[0.8125rem] text-muted">
          {text.trim().length < LEAST_TYPED
            ? t('assign.hint')
            : isLate
              ? t('assign.searching')
              : t('assign.found', { count: found.length })}
        </p>
        {error && <p className="mt-1 text-[0.8125rem] text-danger">{error}</p>}
      </div>
      {found.length > 0 && (
        <ul className="max-h-56 overflow-y-auto rounded-lg border border-line px-3 py-1.5">
          {found.map((one) => (
            <li key={one.id}>
              <label className="flex gap-2.5 py-1 text-[0.9375rem]">
                <input
                  type="checkbox"
                  checked={keys.has(keyOf(assignmentOf(one)))}
                  onChange={(event) => set(chosenOf(one, t('assign.group')), event.target.checked)}
                />
                <span className="min-w-0 break-words">
                  {one.name} <span className="text-muted">{one.kind === 'user' ? one.email : t('assign.group')}</span>
                </span>
              </label>
            </li>
          ))}
        </ul>
      )}
      {chosen.length > 0 && (
        <ul aria-label={t('assign.chosen')} className="flex flex-wrap gap-1.5">
          {chosen.map((one) => (
            <li key={keyOf(one.assignment)} className="flex items-center rounded-md bg-sunken ps-2 text-sm">
              {one.name}
              <button
                type="button"
                aria-label={t('assign.remove', { name: one.name })}
                className="p-1.5 text-muted hover:text-text"
                onClick={() => set(one, false)}
              >
                <X size={13} aria-hidden />
              </button>
            </li>
          ))}
        </ul>
      )}
    </div>
  );
}

function useAssignees(text: string): { found: readonly Assignee[]; isLate: boolean } {
  const [found, setFound] = useState<readonly Assignee[]>([]);
  const [isLate, setLate] = useState(false);
  const asked = useRef('');
  useEffect(() => {
    const search = text.trim();
    asked.current = search;
    if (search.length < LEAST_TYPED) {
      setFound([]);
      setLate(false);
      return;
    }
    setLate(true);
    const pause = setTimeout(async () => {
      const result = await findAssigneesAction(search).catch(() => null);
      // Only the answer to what is typed now counts.
      if (asked.current !== search) return;
      setFound(result?.kind === 'saved' ? result.rows : []);
      setLate(false);
    }, PAUSE_MS);
    return () => clearTimeout(pause);
  }, [text]);
  return { found, isLate };
}

function chosenOf(one: Assignee, group: string): Chosen {
  return { assignment: assignmentOf(one), name: one.name, note: one.kind === 'user' ? one.email : group };
}

function assignmentOf(one: Assignee): Assignment {
  return one.kind === 'user' ? { kind: 'user', userId: one.id } : { kind: 'group', groupId: one.id };
}

function keyOf(assignment: Assignment): string {
  return JSON.stringify(assignment);
}
