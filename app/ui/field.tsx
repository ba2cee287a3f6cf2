// One labelled input with its hint and its error, tied together for screen readers.
import { useTranslations } from 'next-intl';
import type { ComponentProps, ReactNode } from 'react';

type FieldProps = {
  label: string;
  name: string;
  hint?: ReactNode;
  error?: string | undefined;
  optional?: boolean;
};

export function Field({ label, name, hint, error, optional, ...input }: FieldProps & ComponentProps<'input'>) {
  const id = input.id ?? `field-${name}`;
  return (
    <FieldFrame id={id} label={label} hint={hint} error={error} optional={optional}>
      <input
        {...input}
        id={id}
        name={name}
        {...describedBy(id, hint, error)}
        className={`field ${input.className ?? ''}`}
      />
    </FieldFrame>
  );
}

export function AreaField({ label, name, hint, error, optional, ...area }: FieldProps & ComponentProps<'textarea'>) {
  const id = area.id ?? `field-${name}`;
  return (
    <FieldFrame id={id} label={label} hint={hint} error={error} optional={optional}>
      <textarea
        {...area}
        id={id}
        name={name}
        {...describedBy(id, hint, error)}
        className={`field ${area.className ?? ''}`}
      />
    </FieldFrame>
  );
}

export function SelectField({ label, name, hint, error, optional, ...select }: FieldProps & ComponentProps<'select'>) {
  const id = select.id ?? `field-${name}`;
  return (
    <FieldFrame id={id} label={label} hint={hint} error={error} optional={optional}>
      <select
        {...select}
        id={id}
        name={name}
        {...describedBy(id, hint, error)}
        className={`field ${select.className ?? ''}`}
      />
    </FieldFrame>
  );
}

export function CheckField({ label, name, hint, error, ...input }: FieldProps & ComponentProps<'input'>) {
  const id = input.id ?? `field-${name}-${input.value ?? 'on'}`;
  return (
    <div>
      <label htmlFor={id} className="flex gap-2.5 py-1">
        <input type="checkbox" {...input} id={id} name={name} {...describedBy(id, hint, error)} />
        <span className="min-w-0">
          <span className="block text-[0.9375rem]">{label}</span>
          {hint && (
            <span id={`${id}-hint`} className="block text-[0.8125rem] text-muted">
              {hint}
            </span>
          )}
        </span>
      </label>
      <FieldError id={id} error={error} />
    </div>
  );
}

export function FieldError({ id, error }: { id: string; error: string | undefined }) {
  if (!error) return null;
  return (
    <p id={`${id}-error`} className="mt-1.5 text-[0.8125rem] text-danger">
      {error}
    </p>
  );
}

function FieldFrame(props: {
  id: string;
  label: string;
  hint: ReactNode;
  error: string | undefined;
  optional: boolean | undefined;
  children: ReactNode;
}) {
  return (
    <div className="min-w-0">
      <label htmlFor={props.id} className="mb-1.5 flex items-baseline justify-between text-sm font-medium">
        {props.label}
        {props.optional && <Optional />}
      </label>
      {props.children}
      {props.hint && (
        <p id={`${props.id}-hint`} className="mt-1.5 text-[0.8125rem] text-muted">
          {props.hint}
        </p>
      )}
      <FieldError id={props.id} error={props.error} />
    </div>
  );
}

function Optional() {
  const t = useTranslations('common');
  return <span className="text-xs font-normal text-muted">{t('optional')}</span>;
}

function describedBy(id: string, hint: ReactNode, error: string | undefined) {
  const ids = [error && `${id}-error`, hint && `${id}-hint`].filter(Boolean).join(' ');
  return { 'aria-describedby': ids || undefined, 'aria-invalid': error ? true : undefined };
}
