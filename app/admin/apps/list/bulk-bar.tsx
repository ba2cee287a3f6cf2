// What can be done to the chosen apps.
'use client';
import { useTranslations } from 'next-intl';
import { useState } from 'react';
import type { BulkChange } from '#server/store/schema/bulk.ts';
import { AssignDialog } from './assign-dialog.tsx';
import { CategoryDialog } from './category-dialog.tsx';
import { DeleteDialog } from './delete-dialog.tsx';
import type { Bulk } from './use-bulk.ts';

/** Null when it is done, else why not. */
export type SendChange = (change: BulkChange) => Promise<string | null>;

export function BulkBar(props: {
  count: number;
  categories: readonly string[];
  bulk: Bulk;
  onChange: SendChange;
  onClear(): void;
}) {
  const t = useTranslations('apps');
  const { bulk, count, onChange } = props;
  const [problem, setProblem] = useState<string | null>(null);
  const at = async (change: BulkChange) => setProblem(await onChange(change));
  return (
    <section aria-label={t('bulk.label')} className="sticky bottom-4 z-10 mt-4 flex justify-center">
      <div className="card max-w-full px-3 py-2 shadow-raised">
        <div className="flex flex-wrap items-center gap-1.5 text-sm">
          <span className="px-1.5 font-medium">{t('bulk.chosen', { count })}</span>
          <AssignDialog count={count} isBusy={bulk.isBusy} onChange={onChange} />
          <CategoryDialog count={count} categories={props.categories} isBusy={bulk.isBusy} onChange={onChange} />
          <button type="button" className="button" disabled={bulk.isBusy} onClick={() => void at({ kind: 'enable' })}>
            {t('bulk.enable')}
          </button>
          <button type="button" className="button" disabled={bulk.isBusy} onClick={() => void at({ kind: 'disable' })}>
            {t('bulk.disable')}
          </button>
          <DeleteDialog count={count} isBusy={bulk.isBusy} onChange={onChange} />
          <button type="button" className="button" data-kind="quiet" onClick={props.onClear}>
            {t('bulk.clear')}
          </button>
        </div>
        {problem && (
          <p role="alert" className="px-1.5 pt-1.5 text-sm text-danger">
            {problem}
          </p>
        )}
      </div>
    </section>
  );
}
