// Tells the portal every few seconds that this tab has the app open, and learns who else has, and whether it was saved meanwhile.
'use client';
import { useEffect, useState } from 'react';
import type { Editor } from '#server/store/editing.ts';

export type Presence = { editors: readonly Editor[]; updatedAt: number | null };

const ALONE_MS = 15_000;
/** With somebody else at it, their save should be told at once. */
const TOGETHER_MS = 3_000;

/** `appId` null: a new app, or one that this person only reads. */
export function usePresence(appId: string | null): Presence {
  const [presence, setPresence] = useState<Presence>({ editors: [], updatedAt: null });
  useEffect(() => {
    if (appId === null) return;
    const tab = crypto.randomUUID();
    let isOver = false;
    let timer: ReturnType<typeof setTimeout>;
    const send = (fields: Record<string, string>) => new URLSearchParams({ tab, ...fields });
    const address = `/admin/apps/${appId}/editing`;
    const tell = async () => {
      clearTimeout(timer);
      if (isOver || document.visibilityState === 'hidden') return;
      // A beat that gets lost is made good by the next one.
      const answer = await fetch(address, { method: 'POST', body: send({}) }).catch(() => null);
      const told: Presence | null = answer?.ok ? await answer.json().catch(() => null) : null;
      if (isOver) return;
      if (told) setPresence(told);
      timer = setTimeout(() => void tell(), told && told.editors.length > 0 ? TOGETHER_MS : ALONE_MS);
    };
    const leave = () => void navigator.sendBeacon(address, send({ leaving: '1' }));
    const onVisible = () => void tell();
    document.addEventListener('visibilitychange', onVisible);
    window.addEventListener('pagehide', leave);
    void tell();
    return () => {
      isOver = true;
      clearTimeout(timer);
      document.removeEventListener('visibilitychange', onVisible);
      window.removeEventListener('pagehide', leave);
      leave();
    };
  }, [appId]);
  return presence;
}
