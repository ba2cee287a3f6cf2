// Two people at one app: what the form began with, what somebody else has saved since, and what of it is taken over.
'use client';
import { useEffect, useState } from 'react';
import type { Save } from '../form/use-save.ts';
import { appNowAction } from './actions.ts';
import type { EditedApp } from './app-form.tsx';
import {
  changesOf,
  type FormValue,
  takeUnit,
  UNITS,
  type Unit,
  type UnitChange,
  type UnitWords,
} from './form-units.ts';
import { type Presence, usePresence } from './use-presence.ts';

export type Together = {
  presence: Presence;
  /** What the fields begin with, part by part. */
  initial: EditedApp | null;
  /** A part with another version begins anew. */
  versions: Readonly<Record<Unit, number>>;
  /** Null while the form is of the newest state. */
  conflict: { changes: readonly UnitChange[] | null } | null;
  /** Reads what somebody else has saved, and shows it beside what is typed. */
  show(): Promise<void>;
  take(units: readonly Unit[]): EditedApp | null;
};

const FIRST = Object.fromEntries(UNITS.map((unit) => [unit, 0])) as Record<Unit, number>;

/** `mine`: what the form would send. */
export function useTogether(
  edited: EditedApp | null,
  save: Save,
  { isWriter, mine, words }: { isWriter: boolean; mine(base: EditedApp): FormValue; words: UnitWords },
): Together {
  const presence = usePresence(isWriter && edited ? edited.app.id : null);
  const [base, setBase] = useState(edited);
  const [initial, setInitial] = useState(edited);
  const [versions, setVersions] = useState<Readonly<Record<Unit, number>>>(FIRST);
  const [theirs, setTheirs] = useState<{ now: EditedApp; changes: readonly UnitChange[] } | null>(null);

  // After a save of one's own the page brings the record anew: the form is of that state from then on.
  const isOwnSave = edited !== null && edited !== base && edited.updatedAt === save.openedAt;
  useEffect(() => {
    if (!isOwnSave) return;
    setBase(edited);
    setInitial(edited);
    setTheirs(null);
  }, [isOwnSave, edited]);

  const isBehind = presence.updatedAt !== null && save.openedAt !== undefined && presence.updatedAt > save.openedAt;

  async function show() {
    if (!base) return;
    const result = await appNowAction(base.app.id).catch(() => null);
    if (result?.kind !== 'saved') return;
    setTheirs({ now: result.now, changes: changesOf(base, result.now, mine(base), words) });
  }

  function take(units: readonly Unit[]): EditedApp | null {
    if (!theirs || !initial) return null;
    const { now } = theirs;
    setInitial(units.reduce((into, unit) => takeUnit(into, now, unit), initial));
    setVersions((old) => ({ ...old, ...Object.fromEntries(units.map((unit) => [unit, old[unit] + 1])) }));
    setBase(now);
    setTheirs(null);
    save.adopt(now.updatedAt);
    return now;
  }

  return {
    presence,
    initial,
    versions,
    conflict: theirs ? { changes: theirs.changes } : isBehind ? { changes: null } : null,
    show,
    take,
  };
}
