// The app editor. Every mistake stands beside its field, and nothing that was typed is lost: by a mistake, nor by somebody else's save.
'use client';
import { useTranslations } from 'next-intl';
import { type FormEvent, useRef, useState } from 'react';
import type { Assignment } from '#server/core/policy.ts';
import { ConfirmButton } from '../../ui/confirm-button.tsx';
import { FormProblem, SaveBar } from '../form/form-parts.tsx';
import { useSave } from '../form/use-save.ts';
import { deleteAppAction, saveAppAction } from './actions.ts';
import type { AppChoices } from './app-choices.ts';
import { AppFormSections } from './app-form-sections.tsx';
import { readAppForm } from './app-form-values.ts';
import { ConflictPanel } from './conflict-panel.tsx';
import type { FormValue, Unit, UnitWords } from './form-units.ts';
import { LOOK_PATHS } from './look-fields.tsx';
import { PresenceNote } from './presence-note.tsx';
import type { ShownApp } from './shown-app.ts';
import { withFixedPlace } from './shown-app-input.ts';
import { useFollowing } from './use-following.ts';
import { useTogether } from './use-together.ts';

export type EditedApp = {
  app: ShownApp;
  assignments: readonly Assignment[];
  ownerUserId: string | null;
  updatedAt: number;
};

const KNOWN = [
  'name',
  'description',
  ...LOOK_PATHS,
  'hosts',
  'siteId',
  'upstream',
  'identityHeaders',
  'maxSessionMs',
  'traffic',
  'ownerUserId',
  'assignments',
];

/** What a new app begins with: everything of another one but its name, public names and keys. */
export type LikeApp = { app: FormApp; assignments: readonly Assignment[] };
/** A form may begin without a name and without a host. */
export type FormApp = Omit<ShownApp, 'hosts'> & { hosts: readonly string[] };

/** `isPlaceFixed`: site, upstream and names are shown but not this person's to change. */
export function AppForm(props: {
  app: EditedApp | null;
  like?: LikeApp;
  choices: AppChoices;
  categories: readonly string[];
  isReadOnly?: boolean;
  isPlaceFixed?: boolean;
}) {
  const { app: edited, choices, like } = props;
  const t = useTranslations('apps');
  const common = useTranslations('common');
  const form = useRef<HTMLFormElement>(null);
  const save = useSave(edited?.updatedAt);
  const { followed, ...following } = useFollowing();
  const [id, setId] = useState(edited?.app.id ?? null);
  const [assignments, setAssignments] = useState<readonly Assignment[]>((edited ?? like)?.assignments ?? []);
  const together = useTogether(edited, save, {
    isWriter: !props.isReadOnly,
    mine: valueOfForm,
    words: useWords(choices),
  });

  /** A form leaves out what is disabled, and what this person does not see. */
  function valueOfForm(base: EditedApp | null): FormValue {
    const typed = readAppForm(new FormData(form.current ?? undefined));
    const input = props.isPlaceFixed && base ? withFixedPlace(typed, base.app) : typed;
    const owner = base && !('ownerUserId' in input) ? { ownerUserId: base.ownerUserId } : {};
    return { input: { ...input, ...owner }, assignments };
  }

  function onSubmit(event: FormEvent) {
    event.preventDefault();
    const typed = readAppForm(new FormData(form.current ?? undefined));
    const input = props.isPlaceFixed && together.initial ? withFixedPlace(typed, together.initial.app) : typed;
    const sending = saveAppAction(id, input, assignments, save.openedAt).then((result) => {
      // The app may exist although its assignments were refused: the next save must not create it twice.
      if (result.appId) setId(result.appId);
      // A save from an older state leads to what has changed since.
      if (result.kind === 'conflict') void together.show();
      return result;
    });
    save.send(sending, (saved: { id: string }) => (edited ? null : `/admin/apps/${saved.id}`));
  }

  function take(units: readonly Unit[]) {
    const now = together.take(units);
    if (now && units.includes('assignments')) setAssignments(now.assignments);
  }

  return (
    <form ref={form} onSubmit={onSubmit} {...following} noValidate>
      <PresenceNote presence={together.presence} />
      {together.conflict && (
        <ConflictPanel changes={together.conflict.changes} onShow={() => void together.show()} onTake={take} />
      )}
      {!together.conflict && <FormProblem save={save} known={KNOWN} />}
      <fieldset disabled={props.isReadOnly} className="min-w-0">
        <AppFormSections
          app={together.initial?.app ?? like?.app}
          ownerUserId={together.initial?.ownerUserId ?? null}
          versions={together.versions}
          assignments={assignments}
          onAssign={setAssignments}
          choices={choices}
          categories={props.categories}
          isPlaceFixed={props.isPlaceFixed}
          followed={followed}
          errors={save.errors}
        />
      </fieldset>
      {!props.isReadOnly && (
        <SaveBar
          save={save}
          label={edited ? common('save') : t('form.add')}
          cancelHref="/admin/apps"
          chosen={assignments}
        >
          {edited && (
            <ConfirmButton
              label={common('delete')}
              title={t('form.deleteTitle', { name: edited.app.name })}
              confirmLabel={t('form.deleteConfirm')}
              action={() => deleteAppAction(edited.app.id)}
              doneHref="/admin/apps"
            >
              {t('bulk.deleteAboutOne')}
            </ConfirmButton>
          )}
        </SaveBar>
      )}
    </form>
  );
}

/** Names for the ids in a form, for people to compare. */
function useWords({ sites, users, groups }: AppChoices): UnitWords {
  const t = useTranslations('apps');
  const common = useTranslations('common');
  const nameIn = (list: readonly { id: string; name: string }[]) => (id: string) =>
    list.find((each) => each.id === id)?.name ?? id;
  return {
    site: nameIn(sites),
    person: nameIn(users),
    group: nameIn(groups),
    everyone: t('who.everyone'),
    nobody: t('who.nobody'),
    none: '–',
    yes: common('yes'),
    no: common('no'),
    newKey: t('together.newKey'),
  };
}
