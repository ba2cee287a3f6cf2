// What administrators tell people, until each has put it away.
'use client';
import { Info, TriangleAlert, X } from 'lucide-react';
import { useTranslations } from 'next-intl';
import { useState } from 'react';
import type { ShownNotice } from '#server/store/notices.ts';
import { dismissNoticeAction } from './actions.ts';

export function NoticeList({ notices }: { notices: readonly ShownNotice[] }) {
  const t = useTranslations('launcher');
  const [away, setAway] = useState<readonly string[]>([]);
  const [problem, setProblem] = useState(false);
  const shown = notices.filter(({ id }) => !away.includes(id));
  if (shown.length === 0) return null;

  async function dismiss(id: string) {
    setAway((before) => [...before, id]);
    const result = await dismissNoticeAction(id).catch(() => null);
    // What is gone meanwhile is away as well.
    const isAway = result?.kind === 'saved' || result?.kind === 'not-found';
    setProblem(!isAway);
    if (!isAway) setAway((before) => before.filter((each) => each !== id));
  }

  return (
    <section aria-label={t('notices.label')} className="mb-6">
      {problem && (
        <p role="alert" className="mb-2 text-sm text-danger">
          {t('notKept')}
        </p>
      )}
      <ul className="grid gap-2">
        {shown.map(({ id, text, level, pinned }) => (
          <li
            key={id}
            className={`flex items-start gap-3 rounded-xl border border-line px-4 py-2.5 text-[0.9375rem] ${level === 'warning' ? 'bg-warn-soft' : 'bg-surface'}`}
          >
            {level === 'warning' ? (
              <TriangleAlert size={18} aria-label={t('notices.warning')} className="mt-0.5 flex-none text-warn" />
            ) : (
              <Info size={18} aria-hidden className="mt-0.5 flex-none text-muted" />
            )}
            <p className="min-w-0 flex-1 break-words whitespace-pre-line">{text}</p>
            {!pinned && (
              <button
                type="button"
                aria-label={t('notices.dismiss')}
                title={t('notices.dismiss')}
                onClick={() => dismiss(id)}
                className="-me-2 -my-1 grid size-8 flex-none cursor-pointer place-items-center rounded-md text-muted hover:text-text"
              >
                <X size={16} aria-hidden />
              </button>
            )}
          </li>
        ))}
      </ul>
    </section>
  );
}
