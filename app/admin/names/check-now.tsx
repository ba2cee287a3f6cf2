// Has all names looked at now, and shows how far that is; the page is read again when it is done.
'use client';
import { useRouter } from 'next/navigation';
import { useTranslations } from 'next-intl';
import { useEffect, useState } from 'react';
import type { ActionResult } from '../act.ts';
import { useProblem } from '../form/use-problem.ts';
import { checkNamesAction, namesStateAction } from './actions.ts';

type Progress = { done: number; total: number };

const AGAIN_MS = 500;

/** For whoever may ask for it. `progress`: of a look that was under way when the page was made. */
export function CheckNow({ progress: first }: { progress: Progress | null }) {
  const t = useTranslations('names');
  const router = useRouter();
  const problemOf = useProblem();
  const [isBusy, setBusy] = useState(first !== null);
  const [progress, setProgress] = useState(first);
  /** Null: no answer at all. */
  const [failed, setFailed] = useState<ActionResult<object> | null>();

  useEffect(() => {
    if (!isBusy) return;
    let isOver = false;
    let timer: ReturnType<typeof setTimeout>;
    const ask = async () => {
      const state = await namesStateAction().catch(() => null);
      if (isOver) return;
      if (state?.kind !== 'saved') {
        setFailed(state);
        return setBusy(false);
      }
      setProgress(state.progress);
      if (state.progress) {
        timer = setTimeout(() => void ask(), AGAIN_MS);
        return;
      }
      setBusy(false);
      router.refresh();
    };
    timer = setTimeout(() => void ask(), AGAIN_MS);
    return () => {
      isOver = true;
      clearTimeout(timer);
    };
  }, [isBusy, router]);

  async function start() {
    setFailed(undefined);
    setProgress(null);
    const asked = await checkNamesAction().catch(() => null);
    if (asked?.kind === 'saved') setBusy(true);
    else setFailed(asked);
  }

  return (
    <div className="flex min-w-0 flex-wrap items-center gap-y-2">
      <div role="status" className="min-w-0 text-sm text-muted">
        {isBusy && (
          <span className="me-3 flex items-center gap-2.5">
            <progress
              className="h-1.5 w-28 accent-accent"
              aria-label={t('looking')}
              {...(progress && progress.total > 0 ? { value: progress.done, max: progress.total } : {})}
            />
            {progress && progress.total > 0 ? t('lookingAt', progress) : t('looking')}
          </span>
        )}
      </div>
      {failed !== undefined && (
        <p role="alert" className="me-3 text-sm text-danger">
          {problemOf(failed)}
        </p>
      )}
      <button type="button" className="button" disabled={isBusy} onClick={() => void start()}>
        {t('check')}
      </button>
    </div>
  );
}
