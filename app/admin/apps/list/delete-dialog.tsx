// Deletes the chosen apps after a question; for a day they can be brought back.
'use client';
import { useTranslations } from 'next-intl';
import type { SendChange } from './bulk-bar.tsx';
import { ChangeDialog } from './change-dialog.tsx';

export function DeleteDialog({ count, isBusy, onChange }: { count: number; isBusy: boolean; onChange: SendChange }) {
  const t = useTranslations('apps');
  return (
    <ChangeDialog
      trigger={t('bulk.delete')}
      title={t('bulk.deleteTitle', { count })}
      about={t('bulk.deleteAbout')}
      confirm={t('bulk.deleteConfirm', { count })}
      kind="danger"
      isBusy={isBusy}
      onConfirm={() => onChange({ kind: 'delete' })}
    />
  );
}
