// Puts the chosen apps into one category.
'use client';
import { useTranslations } from 'next-intl';
import { useState } from 'react';
import { Field } from '../../../ui/field.tsx';
import type { SendChange } from './bulk-bar.tsx';
import { ChangeDialog } from './change-dialog.tsx';

export function CategoryDialog(props: {
  count: number;
  categories: readonly string[];
  isBusy: boolean;
  onChange: SendChange;
}) {
  const t = useTranslations('apps');
  const [category, setCategory] = useState('');
  return (
    <ChangeDialog
      trigger={t('bulk.category')}
      title={t('bulk.categoryTitle', { count: props.count })}
      confirm={t('bulk.categoryConfirm')}
      isBusy={props.isBusy}
      onOpen={() => setCategory('')}
      onConfirm={() => props.onChange({ kind: 'category', category })}
    >
      <Field
        label={t('head.category')}
        name="bulk-category"
        list="bulk-categories"
        maxLength={40}
        value={category}
        onChange={(event) => setCategory(event.target.value)}
        hint={t('bulk.categoryHint')}
      />
      <datalist id="bulk-categories">
        {props.categories.map((each) => (
          <option key={each} value={each} />
        ))}
      </datalist>
    </ChangeDialog>
  );
}
