// The form of a new token. What it makes is shown in its place: once, to be copied.
'use client';
import { useTranslations } from 'next-intl';
import { type FormEvent, useState } from 'react';
import type { Scope } from '#server/core/scope.ts';
import { Field, FieldError, SelectField } from '../../ui/field.tsx';
import { FormProblem, SaveBar, Section } from '../form/form-parts.tsx';
import { textOf } from '../form/form-values.ts';
import { useSave } from '../form/use-save.ts';
import { createTokenAction } from './actions.ts';
import { NewToken } from './new-token.tsx';

const DAYS = [7, 30, 90, 365] as const;
const USUAL_DAYS = 90;

type Props = { scopes: readonly Scope[]; portalOrigin: string };

export function TokenForm({ scopes, portalOrigin }: Props) {
  const t = useTranslations('tokens');
  const save = useSave();
  const [made, setMade] = useState<{ token: string; expiresAt: number } | null>(null);
  const { errors } = save;

  function onSubmit(event: FormEvent<HTMLFormElement>) {
    event.preventDefault();
    const form = new FormData(event.currentTarget);
    const input = { name: textOf(form, 'name'), scopes: form.getAll('scopes'), days: Number(textOf(form, 'days')) };
    save.send(createTokenAction(input), ({ token, expiresAt }) => {
      setMade({ token, expiresAt });
      return null;
    });
  }

  if (made) return <NewToken {...made} portalOrigin={portalOrigin} />;
  return (
    <form onSubmit={onSubmit} noValidate autoComplete="off">
      <FormProblem save={save} known={['name', 'scopes', 'days']} />
      <Section title={t('what')} about={t('whatAbout')}>
        <Field
          label={t('name')}
          name="name"
          required
          maxLength={80}
          placeholder={t('namePlaceholder')}
          hint={t('nameHint')}
          error={errors.name}
        />
        <SelectField label={t('expires')} name="days" defaultValue={USUAL_DAYS} error={errors.days}>
          {DAYS.map((days) => (
            <option key={days} value={days}>
              {t('days', { days })}
            </option>
          ))}
        </SelectField>
      </Section>
      <Section title={t('scopes')} about={t('scopesAbout')}>
        <ScopeChoices scopes={scopes} error={errors.scopes} />
      </Section>
      <SaveBar save={save} label={t('make')} cancelHref="/admin/tokens" />
    </form>
  );
}

/** One line for each kind of thing, in the order of the permission table. */
function ScopeChoices({ scopes, error }: { scopes: readonly Scope[]; error: string | undefined }) {
  const t = useTranslations('tokens');
  const things = Map.groupBy(scopes, (scope) => scope.split(':')[0] as Thing);
  return (
    <fieldset className="min-w-0" aria-describedby={error ? 'field-scopes-error' : undefined}>
      <legend className="sr-only">{t('scopes')}</legend>
      <div className="divide-y divide-line border-y border-line">
        {[...things].map(([thing, ofThing]) => (
          <div key={thing} className="grid gap-x-6 gap-y-1 py-2.5 sm:grid-cols-[8rem_minmax(0,1fr)]">
            <div className="text-sm font-medium">{t(`things.${thing}`)}</div>
            <div className="grid gap-1">
              {ofThing.map((scope) => (
                <label key={scope} className="flex items-start gap-2.5 text-sm">
                  <input
                    type="checkbox"
                    name="scopes"
                    value={scope}
                    className="mt-0.5"
                    aria-invalid={error ? true : undefined}
                  />
                  <span className="min-w-0 flex-1">{t(`scope.${scope}`)}</span>
                  <code className="text-[0.8125rem] text-muted">{scope}</code>
                </label>
              ))}
            </div>
          </div>
        ))}
      </div>
      <FieldError id="field-scopes" error={error} />
    </fieldset>
  );
}

type Thing = Scope extends infer S ? (S extends `${infer T}:${string}` ? T : never) : never;
