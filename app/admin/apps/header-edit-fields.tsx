// Headers that are set or removed on the way: one line each.
'use client';
import { Plus, X } from 'lucide-react';
import { useTranslations } from 'next-intl';
import { useState } from 'react';
import type { HeaderEdit } from '#server/core/app.ts';
import { FieldError } from '../../ui/field.tsx';
import { useRows } from '../form/rows.ts';

type Props = {
  legend: string;
  /** Field path of the list. */
  path: string;
  edits: readonly HeaderEdit[];
  errors: Record<string, string>;
};

export function HeaderEditFields({ legend, path, edits, errors }: Props) {
  const t = useTranslations('apps.form');
  const { rows, add, remove } = useRows(edits);
  return (
    <fieldset className="min-w-0">
      <legend className="mb-1.5 text-sm font-medium">{legend}</legend>
      {rows.length > 0 && (
        <ul className="mb-2 grid gap-3 sm:gap-2">
          {rows.map(({ key, value }, at) => (
            <li key={key}>
              <EditRow
                path={`${path}.${at}`}
                label={`${legend} ${at + 1}`}
                edit={value}
                errors={errors}
                onRemove={() => remove(key)}
              />
            </li>
          ))}
        </ul>
      )}
      <FieldError id={`field-${path}`} error={errors[path]} />
      <button
        type="button"
        className="button"
        data-kind="quiet"
        aria-label={t('headers.addTo', { legend })}
        onClick={add}
      >
        <Plus size={16} aria-hidden />
        {t('headers.add')}
      </button>
    </fieldset>
  );
}

function EditRow(props: {
  path: string;
  label: string;
  edit: HeaderEdit | undefined;
  errors: Record<string, string>;
  onRemove(): void;
}) {
  const t = useTranslations('apps.form');
  const { path, label, edit, errors } = props;
  const [action, setAction] = useState(edit?.value === null ? 'remove' : 'set');
  const id = `field-${path}`;
  const nameError = errors[`${path}.name`] ?? errors[path];
  const valueError = errors[`${path}.value`];
  return (
    <>
      <div className="grid grid-cols-[6.5rem_minmax(0,1fr)_auto] gap-2 sm:grid-cols-[6.5rem_minmax(0,2fr)_minmax(0,3fr)_auto]">
        <select
          name={`${path}.action`}
          aria-label={t('headers.what', { label })}
          value={action}
          onChange={(event) => setAction(event.target.value)}
          className="field"
        >
          <option value="set">{t('headers.set')}</option>
          <option value="remove">{t('headers.remove')}</option>
        </select>
        <input
          id={`${id}-name`}
          name={`${path}.name`}
          defaultValue={edit?.name}
          aria-label={t('headers.name', { label })}
          aria-invalid={nameError ? true : undefined}
          aria-describedby={nameError ? `${id}-name-error` : undefined}
          placeholder="X-Environment"
          spellCheck={false}
          autoCapitalize="none"
          autoComplete="off"
          className={`field ${action === 'set' ? '' : 'sm:col-span-2'}`}
        />
        <button
          type="button"
          className="button px-2.5 sm:order-last"
          data-kind="quiet"
          aria-label={t('headers.removeOne', { label })}
          onClick={props.onRemove}
        >
          <X size={16} aria-hidden />
        </button>
        {action === 'set' && (
          <input
            id={`${id}-value`}
            name={`${path}.value`}
            defaultValue={edit?.value ?? ''}
            aria-label={t('headers.value', { label })}
            aria-invalid={valueError ? true : undefined}
            aria-describedby={valueError ? `${id}-value-error` : undefined}
            placeholder={t('headers.valuePlaceholder')}
            spellCheck={false}
            autoCapitalize="none"
            autoComplete="off"
            className="field col-span-3 sm:col-span-1"
          />
        )}
      </div>
      <FieldError id={`${id}-name`} error={nameError} />
      <FieldError id={`${id}-value`} error={valueError} />
    </>
  );
}
