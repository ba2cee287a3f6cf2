// Fourth: who may open it.
'use client';
import { useTranslations } from 'next-intl';
import { AssigneeSearch } from '../assignee-search.tsx';
import { StepBar, type StepProps } from './wizard.tsx';

export function PeopleStep({ place, draft, change, errors, go }: StepProps) {
  const t = useTranslations('apps.publish');
  const error = Object.entries(errors).find(([path]) => path.startsWith('assignments'))?.[1];
  return (
    <form
      noValidate
      onSubmit={(event) => {
        event.preventDefault();
        go('summary');
      }}
    >
      <AssigneeSearch
        viewer={place.viewer}
        chosen={draft.chosen}
        onChange={(chosen) => change({ chosen })}
        error={error}
      />
      {draft.chosen.length === 0 && <p className="mt-4 text-sm text-muted">{t('nobodyYet')}</p>}
      <StepBar next={t('on')} onBack={() => go('settings')} />
    </form>
  );
}
