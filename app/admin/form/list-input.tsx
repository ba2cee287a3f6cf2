// A list of one-line values: one input each, so that every mistake stands beside its own line.
'use client';
import { Plus, X } from 'lucide-react';
import { useTranslations } from 'next-intl';
import { useRef, useState } from 'react';
import { FieldError } from '../../ui/field.tsx';

type Props = {
  label: string;
  /** Field path of the list, and the name of its inputs. */
  name: string;
  initial: readonly string[];
  addLabel: string;
  placeholder?: string;
  hint?: string;
  errors: Record<string, string>;
  onChange?(values: readonly string[]): void;
};

export function ListInput({ label, name, initial, addLabel, placeholder, hint, errors, onChange }: Props) {
  const t = useTranslations('apps.form');
  const nextKey = useRef(initial.length + 1);
  const [rows, setRows] = useState(() => (initial.length ? initial : ['']).map((value, key) => ({ key, value })));

  function change(next: typeof rows) {
    setRows(next);
    onChange?.(next.map(({ value }) => value));
  }

  return (
    <fieldset className="min-w-0">
      <legend className="mb-1.5 text-sm font-medium">{label}</legend>
      <ul className="grid gap-2">
        {rows.map(({ key, value }, at) => {
          const error = errors[`${name}.${at}`];
          const id = `field-${name}-${key}`;
          return (
            <li key={key}>
              <div className="flex gap-2">
                <input
                  id={id}
                  name={name}
                  value={value}
                  aria-label={`${label} ${at + 1}`}
                  aria-invalid={error ? true : undefined}
                  aria-describedby={error ? `${id}-error` : undefined}
                  placeholder={placeholder}
                  spellCheck={false}
                  autoCapitalize="none"
                  autoComplete="off"
                  className="field"
                  onChange={(event) =>
                    change(rows.map((row) => (row.key === key ? { key, value: event.target.value } : row)))
                  }
                />
                <button
                  type="button"
                  className="button px-2.5"
                  data-kind="quiet"
                  aria-label={value ? t('removeLine', { value }) : t('removeLineNumber', { number: at + 1 })}
                  onClick={() => change(rows.length > 1 ? rows.filter((row) => row.key !== key) : [{ key, value: '' }])}
                >
                  <X size={16} aria-hidden />
                </button>
              </div>
              <FieldError id={id} error={error} />
            </li>
          );
        })}
      </ul>
      <FieldError id={`field-${name}`} error={errors[name]} />
      {hint && <p className="mt-1.5 text-[0.8125rem] text-muted">{hint}</p>}
      <button
        type="button"
        className="button mt-2"
        data-kind="quiet"
        onClick={() => {
          nextKey.current += 1;
          change([...rows, { key: nextKey.current, value: '' }]);
        }}
      >
        <Plus size={16} aria-hidden />
        {addLabel}
      </button>
    </fieldset>
  );
}
