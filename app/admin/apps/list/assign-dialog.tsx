// Gives groups, people or everyone access to the chosen apps, or takes it from them; what else an app has stays.
'use client';
import { useTranslations } from 'next-intl';
import { useState } from 'react';
import type { Assignment } from '#server/core/policy.ts';
import { AssigneeSearch, type Chosen } from '../assignee-search.tsx';
import type { SendChange } from './bulk-bar.tsx';
import { ChangeDialog } from './change-dialog.tsx';

export function AssignDialog({ count, isBusy, onChange }: { count: number; isBusy: boolean; onChange: SendChange }) {
  const t = useTranslations('apps');
  const [way, setWay] = useState<'add' | 'remove'>('add');
  const [chosen, setChosen] = useState<readonly Chosen[]>([]);
  const assignments: Assignment[] = chosen.map(({ assignment }) => assignment);

  return (
    <ChangeDialog
      trigger={t('bulk.assign')}
      title={t('bulk.assignTitle', { count })}
      about={t('bulk.assignAbout')}
      confirm={t(way === 'add' ? 'bulk.assignAdd' : 'bulk.assignRemove')}
      isBusy={isBusy}
      onOpen={() => setChosen([])}
      onConfirm={async () => {
        if (assignments.length === 0) return t('bulk.assignNobody');
        const none: Assignment[] = [];
        return onChange({
          kind: 'assign',
          add: way === 'add' ? assignments : none,
          remove: way === 'remove' ? assignments : none,
        });
      }}
    >
      <fieldset className="flex gap-5 text-[0.9375rem]">
        <legend className="sr-only">{t('bulk.assignWay')}</legend>
        {(['add', 'remove'] as const).map((each) => (
          <label key={each} className="flex gap-2">
            <input type="radio" name="way" checked={way === each} onChange={() => setWay(each)} />
            {t(each === 'add' ? 'bulk.wayAdd' : 'bulk.wayRemove')}
          </label>
        ))}
      </fieldset>
      <AssigneeSearch chosen={chosen} onChange={setChosen} />
    </ChangeDialog>
  );
}
