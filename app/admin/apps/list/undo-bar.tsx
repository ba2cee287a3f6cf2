// Says what was done last and takes it back; announced politely, since nobody has to leave what they are at.
'use client';
import { Undo2, X } from 'lucide-react';
import { useTranslations } from 'next-intl';
import type { Left } from '#server/store/undo.ts';
import type { Bulk, Done } from './use-bulk.ts';

export function UndoBar({ bulk }: { bulk: Bulk }) {
  const t = useTranslations('apps');
  const { done } = bulk;
  return (
    <div className="pointer-events-none sticky bottom-4 z-10 mt-4 flex justify-center">
      <div role="status" className="min-w-0">
        {done && (
          <div className="card pointer-events-auto flex max-w-xl items-start gap-2 py-2 ps-4 pe-2 text-sm shadow-raised">
            <div className="min-w-0 py-1.5">
              <DoneText done={done} />
            </div>
            {done.kind === 'done' && (
              <button
                type="button"
                className="button flex-none"
                disabled={bulk.isBusy}
                onClick={() => void bulk.undo()}
              >
                <Undo2 size={15} aria-hidden className="rtl:-scale-x-100" />
                {t('undo.undo')}
              </button>
            )}
            <button
              type="button"
              className="button flex-none px-2"
              data-kind="quiet"
              aria-label={t('undo.dismiss')}
              onClick={bulk.dismiss}
            >
              <X size={15} aria-hidden />
            </button>
          </div>
        )}
      </div>
    </div>
  );
}

function DoneText({ done }: { done: Done }) {
  const t = useTranslations('apps');
  switch (done.kind) {
    case 'done':
      return (
        <>
          {t(`undo.did.${done.action}`, { count: done.count })}
          {done.same > 0 && <span className="text-muted"> {t('undo.same', { count: done.same })}</span>}
        </>
      );
    case 'nothing':
      return t('undo.nothing', { count: done.same });
    case 'undone':
      return (
        <>
          {t('undo.undone', { count: done.count })}
          {done.left.length > 0 && <LeftList left={done.left} />}
        </>
      );
    case 'problem':
      return <span className="text-danger">{done.sentence}</span>;
    default:
      return done satisfies never;
  }
}

const MOST_NAMED = 5;

function LeftList({ left }: { left: readonly Left[] }) {
  const t = useTranslations('apps');
  return (
    <ul className="mt-1 text-danger">
      {left.slice(0, MOST_NAMED).map(({ appId, name, reason, about }) => (
        <li key={appId}>{t(`undo.left.${reason}`, { name, about })}</li>
      ))}
      {left.length > MOST_NAMED && <li>{t('undo.leftMore', { count: left.length - MOST_NAMED })}</li>}
    </ul>
  );
}
