// Brings one deleted app back, or says beside itself why not.
'use client';
import { useRouter } from 'next/navigation';
import { useTranslations } from 'next-intl';
import { useState, useTransition } from 'react';
import { useProblem } from '../../form/use-problem.ts';
import { restoreAppAction } from '../actions.ts';

export function RestoreButton({ undoId, appId, name }: { undoId: string; appId: string; name: string }) {
  const t = useTranslations('apps');
  const problemOf = useProblem();
  const router = useRouter();
  const [problem, setProblem] = useState<string | null>(null);
  const [isBusy, start] = useTransition();
  const restore = () =>
    start(async () => {
      const result = await restoreAppAction(undoId, appId).catch(() => null);
      if (result?.kind === 'saved') router.push(`/admin/apps/${appId}`);
      else setProblem(problemOf(result));
    });
  return (
    <>
      <button
        type="button"
        className="button"
        aria-label={t('deleted.restoreNamed', { name })}
        disabled={isBusy}
        onClick={restore}
      >
        {t('deleted.restore')}
      </button>
      {problem && (
        <p role="alert" className="mt-1.5 max-w-64 text-start text-[0.8125rem] text-danger">
          {problem}
        </p>
      )}
    </>
  );
}
