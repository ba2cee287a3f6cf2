// Asks before what was typed in a form is lost: by a link, the palette, the way back, or a tab that is closed.
'use client';
import '../ui/style-nonce.ts';
import { useTranslations } from 'next-intl';
import { AlertDialog } from 'radix-ui';
import { type RefObject, useCallback, useEffect, useRef, useState } from 'react';
import type { Save } from '../admin/form/use-save.ts';
import { formPrint, holdLeaving, leavesPage } from './leaving.ts';

/** `within`: anything inside of the form. `chosen`: what the form sends besides its fields. */
type Props = { within: RefObject<HTMLElement | null>; save: Save; chosen?: unknown };

export function UnsavedQuestion({ within, save, chosen }: Props) {
  const t = useTranslations('common.unsaved');
  const [leave, setLeave] = useState<(() => void) | null>(null);
  const opener = useRef<Element | null>(null);
  const isUnsaved = useUnsaved(within, save, chosen);

  const hold = useCallback((leaving: () => void) => {
    opener.current = document.activeElement;
    setLeave(() => leaving);
  }, []);
  const isLeaving = useRef(false);
  useEffect(() => {
    const isHeld = () => !isLeaving.current && isUnsaved();
    const form = () => within.current?.closest('form') ?? null;
    const stops = [holdLeaving({ form, isUnsaved: isHeld, hold }), holdLinks(isHeld, hold), holdWayBack(isHeld, hold)];
    function onBeforeUnload(event: BeforeUnloadEvent) {
      if (isHeld()) event.preventDefault();
    }
    addEventListener('beforeunload', onBeforeUnload);
    return () => {
      removeEventListener('beforeunload', onBeforeUnload);
      for (const stop of stops) stop();
    };
  }, [within, isUnsaved, hold]);

  return (
    <AlertDialog.Root open={leave !== null} onOpenChange={(isOpen) => !isOpen && setLeave(null)}>
      <AlertDialog.Portal>
        <AlertDialog.Overlay className="fixed inset-0 z-40 bg-scrim" />
        <AlertDialog.Content
          onCloseAutoFocus={(event) => {
            event.preventDefault();
            if (opener.current instanceof HTMLElement) opener.current.focus();
          }}
          className="card fixed top-1/2 left-1/2 z-50 w-[calc(100vw-2rem)] max-w-md -translate-x-1/2 -translate-y-1/2 p-6 shadow-raised"
        >
          <AlertDialog.Title className="text-lg font-semibold tracking-tight">{t('title')}</AlertDialog.Title>
          <AlertDialog.Description className="mt-2 text-[0.9375rem] text-muted">{t('about')}</AlertDialog.Description>
          <div className="mt-6 flex flex-wrap justify-end gap-2">
            <button
              type="button"
              className="button"
              data-kind="danger"
              onClick={() => {
                isLeaving.current = true;
                setLeave(null);
                leave?.();
              }}
            >
              {t('leave')}
            </button>
            <AlertDialog.Cancel className="button" data-kind="primary">
              {t('stay')}
            </AlertDialog.Cancel>
          </div>
        </AlertDialog.Content>
      </AlertDialog.Portal>
    </AlertDialog.Root>
  );
}

/** Compares what the form would send now with what is stored: with what it began with, or what was last sent and saved. */
function useUnsaved(within: Props['within'], save: Save, chosen: unknown): () => boolean {
  const stored = useRef<string | null>(null);
  const sent = useRef<string | null>(null);
  const latest = useRef(chosen);
  latest.current = chosen;
  const print = useCallback(() => {
    const form = within.current?.closest('form');
    return form ? formPrint(new FormData(form), latest.current) : null;
  }, [within]);
  useEffect(() => {
    stored.current = print();
  }, [print]);
  useEffect(() => {
    if (save.isSaving) sent.current = print();
    else if (save.isSaved) stored.current = sent.current;
  }, [save.isSaving, save.isSaved, print]);
  return useCallback(() => {
    const now = print();
    // Without its form this is a page that was left, whose effects end a moment later.
    return now !== null && stored.current !== null && now !== stored.current;
  }, [print]);
}

/** At the window and before anything else: neither the router nor the browser follows the link yet. */
function holdLinks(isHeld: () => boolean, hold: (leave: () => void) => void): () => void {
  function onClick(event: MouseEvent) {
    const link = event.target instanceof Element ? event.target.closest('a[href]') : null;
    if (!(link instanceof HTMLAnchorElement)) return;
    const leaves = leavesPage({
      button: event.button,
      isModified: event.metaKey || event.ctrlKey || event.shiftKey || event.altKey,
      isPrevented: event.defaultPrevented,
      target: link.target,
      isDownload: link.hasAttribute('download'),
      href: link.href,
      here: location.href,
    });
    if (!leaves || !isHeld()) return;
    event.preventDefault();
    event.stopImmediatePropagation();
    hold(() => link.click());
  }
  addEventListener('click', onClick, { capture: true });
  return () => removeEventListener('click', onClick, { capture: true });
}

/** Back and forth among pages that the router keeps; a browser without the Navigation API goes there unasked. */
function holdWayBack(isHeld: () => boolean, hold: (leave: () => void) => void): () => void {
  if (!('navigation' in window)) return () => undefined;
  const { navigation } = window;
  function onNavigate(event: NavigateEvent) {
    const { destination, navigationType, cancelable } = event;
    if (navigationType !== 'traverse' || !destination.sameDocument || !cancelable || !isHeld()) return;
    event.preventDefault();
    hold(() => void navigation.traverseTo(destination.key));
  }
  navigation.addEventListener('navigate', onNavigate);
  return () => navigation.removeEventListener('navigate', onNavigate);
}
