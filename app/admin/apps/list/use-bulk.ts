// Sends a change to several apps and keeps what was done at hand, so that it can be taken back; also after a reload.
'use client';
import { useRouter } from 'next/navigation';
import { useTranslations } from 'next-intl';
import { useState } from 'react';
import type { BulkDone } from '#server/store/bulk.ts';
import type { AppSelection, BulkChange } from '#server/store/schema/bulk.ts';
import type { Left, OpenUndo } from '#server/store/undo.ts';
import type { UndoableAction } from '#server/store/words.ts';
import { useProblem } from '../../form/use-problem.ts';
import { changeAppsAction, undoAction } from '../actions.ts';

/** What there is to say about the last change. */
export type Done =
  | { kind: 'done'; undoId: string; action: UndoableAction; count: number; same: number }
  | { kind: 'nothing'; same: number }
  | { kind: 'undone'; count: number; left: readonly Left[] }
  | { kind: 'problem'; sentence: string };

export type Bulk = {
  isBusy: boolean;
  done: Done | null;
  /** Null when it is done, else why not. */
  send(selection: AppSelection, change: BulkChange): Promise<string | null>;
  undo(): Promise<void>;
  dismiss(): void;
};

export function useBulk(open: OpenUndo | null): Bulk {
  const t = useTranslations('apps');
  const problemOf = useProblem();
  const router = useRouter();
  const [isBusy, setBusy] = useState(false);
  const [own, setOwn] = useState<Done | null>(null);
  const [dismissed, setDismissed] = useState<string | null>(null);
  // Until something is done here, what the store knows of is what was done last.
  const kept: Done | null =
    open === null || open.id === dismissed
      ? null
      : { kind: 'done', undoId: open.id, action: open.action, count: open.count, same: 0 };
  const done = own ?? kept;

  async function whileBusy<T>(work: () => Promise<T>): Promise<T | null> {
    setBusy(true);
    try {
      return await work().catch(() => null);
    } finally {
      setBusy(false);
    }
  }

  return {
    isBusy,
    done,
    async send(selection, change) {
      const result = await whileBusy(() => changeAppsAction(selection, change));
      if (result?.kind !== 'saved') return problemOf(result);
      setOwn(sayDone(result, change.kind));
      setDismissed(null);
      router.refresh();
      return null;
    },
    async undo() {
      if (done?.kind !== 'done') return;
      const result = await whileBusy(() => undoAction(done.undoId));
      if (result?.kind === 'saved') {
        setOwn({ kind: 'undone', count: result.done, left: result.left });
        setDismissed(done.undoId);
        router.refresh();
      } else setOwn({ kind: 'problem', sentence: result?.kind === 'not-found' ? t('undo.over') : problemOf(result) });
    },
    dismiss() {
      if (done?.kind === 'done') setDismissed(done.undoId);
      setOwn(null);
    },
  };
}

function sayDone({ undoId, changed, same }: BulkDone, action: UndoableAction): Done {
  return undoId === null ? { kind: 'nothing', same } : { kind: 'done', undoId, action, count: changed, same };
}
