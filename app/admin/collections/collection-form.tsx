// The collection editor: a name, and apps in their order.
'use client';
import { X } from 'lucide-react';
import { useTranslations } from 'next-intl';
import { type FormEvent, useId, useState } from 'react';
import type { CollectionRecord } from '#server/store/collections.ts';
import { ConfirmButton } from '../../ui/confirm-button.tsx';
import { Field, FieldError } from '../../ui/field.tsx';
import { MoveButtons } from '../../ui/move-buttons.tsx';
import { FormProblem, SaveBar, Section } from '../form/form-parts.tsx';
import { textOf } from '../form/form-values.ts';
import { useSave } from '../form/use-save.ts';
import { deleteCollectionAction, saveCollectionAction } from './actions.ts';
import type { AppChoice } from './app-choices.ts';

type Props = { collection: CollectionRecord | null; apps: readonly AppChoice[]; isReadOnly?: boolean };

export function CollectionForm({ collection, apps, isReadOnly }: Props) {
  const t = useTranslations('collections');
  const save = useSave(collection?.updatedAt);
  const [chosen, setChosen] = useState<readonly string[]>(collection?.appIds ?? []);
  const [told, setTold] = useState('');
  const nameOf = (id: string) => apps.find((app) => app.id === id)?.name ?? t('form.missing');

  function onSubmit(event: FormEvent<HTMLFormElement>) {
    event.preventDefault();
    const input = { name: textOf(new FormData(event.currentTarget), 'name'), appIds: chosen };
    const sending = saveCollectionAction(collection?.id ?? null, input, save.openedAt);
    save.send(sending, () => (collection ? null : '/admin/collections'));
  }

  function move(at: number, by: number) {
    const next = [...chosen];
    const [id = ''] = next.splice(at, 1);
    next.splice(at + by, 0, id);
    setChosen(next);
    setTold(t('moved', { name: nameOf(id), place: at + by + 1, count: next.length }));
  }

  return (
    <form onSubmit={onSubmit} noValidate>
      <FormProblem save={save} known={['name', 'appIds']} />
      <fieldset disabled={isReadOnly} className="min-w-0">
        <Section title={t('form.collection')}>
          <Field
            label={t('form.name')}
            name="name"
            required
            maxLength={60}
            defaultValue={collection?.name}
            error={save.errors.name}
          />
        </Section>
        <Section title={t('form.apps')} about={t('form.appsAbout')}>
          {chosen.length === 0 ? (
            <p className="text-sm text-muted">{t('form.noApps')}</p>
          ) : (
            <ol className="card divide-y divide-line">
              {chosen.map((id, at) => (
                <li key={id} className="px-3.5 py-1.5">
                  <div className="flex items-center gap-2">
                    <span className="min-w-0 flex-1 break-words text-[0.9375rem]">{nameOf(id)}</span>
                    {!isReadOnly && (
                      <>
                        <MoveButtons
                          upLabel={t('moveUp', { name: nameOf(id) })}
                          downLabel={t('moveDown', { name: nameOf(id) })}
                          onUp={at > 0 ? () => move(at, -1) : null}
                          onDown={at < chosen.length - 1 ? () => move(at, 1) : null}
                        />
                        <button
                          type="button"
                          aria-label={t('form.remove', { name: nameOf(id) })}
                          onClick={() => setChosen(chosen.filter((each) => each !== id))}
                          className="grid size-9 cursor-pointer place-items-center rounded-md text-muted hover:bg-sunken hover:text-text"
                        >
                          <X size={16} aria-hidden />
                        </button>
                      </>
                    )}
                  </div>
                  <FieldError id={`app-${id}`} error={save.errors[`appIds.${at}`]} />
                </li>
              ))}
            </ol>
          )}
          {!isReadOnly && (
            <AddApp
              apps={apps.filter(({ id }) => !chosen.includes(id))}
              onAdd={(id) => {
                setChosen([...chosen, id]);
                setTold(t('moved', { name: nameOf(id), place: chosen.length + 1, count: chosen.length + 1 }));
              }}
            />
          )}
          <p role="status" className="sr-only">
            {told}
          </p>
        </Section>
      </fieldset>
      {!isReadOnly && (
        <SaveBar
          save={save}
          label={collection ? t('form.save') : t('add')}
          cancelHref="/admin/collections"
          chosen={chosen}
        >
          {collection && (
            <ConfirmButton
              label={t('form.deleteConfirm')}
              title={t('form.deleteTitle', { name: collection.name })}
              confirmLabel={t('form.deleteConfirm')}
              action={() => deleteCollectionAction(collection.id)}
              doneHref="/admin/collections"
            >
              {t('form.deleteText')}
            </ConfirmButton>
          )}
        </SaveBar>
      )}
    </form>
  );
}

/** More than these are found by typing more. */
const MOST_SHOWN = 8;

function AddApp({ apps, onAdd }: { apps: readonly AppChoice[]; onAdd(id: string): void }) {
  const t = useTranslations('collections.form');
  const id = useId();
  const [search, setSearch] = useState('');
  const wanted = search.trim().toLowerCase();
  const found = apps.filter(({ name }) => name.toLowerCase().includes(wanted)).slice(0, MOST_SHOWN);
  return (
    <div>
      <label htmlFor={id} className="mb-1.5 block text-sm font-medium">
        {t('addApp')}
      </label>
      <input
        id={id}
        type="search"
        value={search}
        onChange={(event) => setSearch(event.target.value)}
        onKeyDown={(event) => {
          if (event.key !== 'Enter') return;
          // Enter takes the first that is found; it never sends the form half-way.
          event.preventDefault();
          if (wanted && found[0]) onAdd(found[0].id);
        }}
        aria-describedby={`${id}-hint`}
        autoComplete="off"
        className="field"
      />
      <p id={`${id}-hint`} className="mt-1.5 text-[0.8125rem] text-muted">
        {t('addHint')}
      </p>
      <ul className="mt-2 flex flex-wrap gap-1.5">
        {found.map((app) => (
          <li key={app.id}>
            <button type="button" className="button" onClick={() => onAdd(app.id)}>
              {app.name}
            </button>
          </li>
        ))}
      </ul>
    </div>
  );
}
