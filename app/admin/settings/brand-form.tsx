// Name, mark, colour and support contact of the company, with a look at what they make of a page.
'use client';
import { useTranslations } from 'next-intl';
import { type FormEvent, useState } from 'react';
import { type Brand, parseAccent } from '#server/core/brand.ts';
import { Field } from '../../ui/field.tsx';
import { FormProblem, SaveBar, Section } from '../form/form-parts.tsx';
import { textOf } from '../form/form-values.ts';
import { useSave } from '../form/use-save.ts';
import { saveBrandAction } from './actions.ts';
import { BrandPreview } from './brand-preview.tsx';
import { LogoField } from './logo-field.tsx';

const KNOWN = ['company', 'accent', 'support', 'logo'];
const OWN_ACCENT = '#3451c7';

export function BrandForm(props: { brand: Brand; updatedAt: number; isReadOnly: boolean }) {
  const { brand } = props;
  const t = useTranslations('settings.brand');
  const common = useTranslations('common');
  const save = useSave(props.updatedAt);
  const [company, setCompany] = useState(brand.company);
  const [accent, setAccent] = useState(brand.accent ?? '');
  const [logo, setLogo] = useState(brand.logo);

  function onSubmit(event: FormEvent<HTMLFormElement>) {
    event.preventDefault();
    const form = new FormData(event.currentTarget);
    const typed = textOf(form, 'accent');
    const input = { company: textOf(form, 'company'), accent: typed || null, support: textOf(form, 'support'), logo };
    save.send(saveBrandAction(input, save.openedAt));
  }

  return (
    <form onSubmit={onSubmit} noValidate>
      <FormProblem save={save} known={KNOWN} />
      <fieldset disabled={props.isReadOnly} className="min-w-0">
        <Section title={t('title')} about={t('about')}>
          <Field
            label={t('company')}
            name="company"
            optional
            maxLength={60}
            value={company}
            onChange={(event) => setCompany(event.target.value)}
            hint={t('companyHint')}
            error={save.errors.company}
          />
          <LogoField logo={logo} onChange={setLogo} error={save.errors.logo} />
          <div className="grid grid-cols-[minmax(0,1fr)_auto] items-end gap-2">
            <Field
              label={t('accent')}
              name="accent"
              optional
              placeholder={OWN_ACCENT}
              spellCheck={false}
              value={accent}
              onChange={(event) => setAccent(event.target.value)}
              hint={t('accentHint')}
              error={save.errors.accent}
            />
            <input
              type="color"
              aria-label={t('pickColour')}
              value={parseAccent(accent) ?? OWN_ACCENT}
              onChange={(event) => setAccent(event.target.value)}
              className="h-9 w-11 cursor-pointer self-start rounded-lg border border-strong bg-surface p-1 [margin-block-start:1.65rem]"
            />
          </div>
          <Field
            label={t('support')}
            name="support"
            optional
            defaultValue={brand.support}
            placeholder="help@corp.example"
            hint={t('supportHint')}
            error={save.errors.support}
          />
          <BrandPreview company={company} accent={parseAccent(accent)} logo={logo} />
        </Section>
      </fieldset>
      {!props.isReadOnly && <SaveBar save={save} label={common('save')} chosen={logo} />}
    </form>
  );
}
