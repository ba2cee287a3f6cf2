// How an app looks among the others, and where its people get help.
'use client';
import { useTranslations } from 'next-intl';
import { Field } from '../../ui/field.tsx';
import { IconPicker } from './icon-picker.tsx';
import type { ShownApp } from './shown-app.ts';

/** Field paths of the store's schema that are shown here. */
export const LOOK_PATHS = ['category', 'support', 'icon'];

export function LookFields({
  app,
  errors,
  categories,
  versions,
}: {
  app: Pick<ShownApp, 'id' | 'name' | 'icon' | 'category' | 'support'> | undefined;
  errors: Record<string, string>;
  categories: readonly string[];
  /** A part with another version begins anew. */
  versions: Readonly<Record<'icon' | 'category' | 'support', number>>;
}) {
  const t = useTranslations('apps.form');
  return (
    <>
      <IconPicker key={`icon ${versions.icon}`} app={app} error={errors.icon ?? errors['icon.name']} />
      <Field
        key={`category ${versions.category}`}
        label={t('category')}
        name="category"
        list="app-categories"
        optional
        maxLength={40}
        defaultValue={app?.category}
        error={errors.category}
      />
      <datalist id="app-categories">
        {categories.map((each) => (
          <option key={each} value={each} />
        ))}
      </datalist>
      <Field
        key={`support ${versions.support}`}
        label={t('support')}
        name="support"
        optional
        maxLength={200}
        hint={t('supportHint')}
        defaultValue={app?.support}
        error={errors.support}
      />
    </>
  );
}
