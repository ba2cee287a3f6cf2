// What makes the portal an installed app in this browser: its worker, the prompt of a newer one, and the catalogue that may be kept.
'use client';
import { useTranslations } from 'next-intl';
import { useEffect, useState } from 'react';
import { Workbox } from 'workbox-window';
import { SKIP_WAITING, WORKER } from '#server/core/installed.ts';
import { useBrand } from '../brand/brand-context.tsx';
import { type KeepFor, keepCatalogue } from './keep-catalogue.ts';
import { forgetKept } from './kept.ts';
import { noteSeen } from './seen.ts';
import { hasUnsavedInput, watchInput } from './unsaved.ts';

/** `keepFor`: this person's catalogue may stay on this device; null deletes what is there, whoever's it is. */
type Props = { workerOn: boolean; keepFor: KeepFor | null };
/** `unsaved`: the person would lose what they typed. `replaced`: another tab has already gone over to the new version. */
type Prompt = 'none' | 'ready' | 'unsaved' | 'replaced';

const LOOK_FOR_UPDATES_MS = 60 * 60_000;

export function Installed({ workerOn, keepFor }: Props) {
  const brand = useBrand();
  const [workbox, setWorkbox] = useState<Workbox | null>(null);
  const [prompt, setPrompt] = useState<Prompt>('none');

  useEffect(() => noteSeen(Date.now(), brand), [brand]);
  useEffect(watchInput, []);
  useEffect(forgetOnSignOut, []);
  const owner = keepFor?.owner;
  const forMs = keepFor?.forMs ?? 0;
  useEffect(() => {
    if (!('caches' in window)) return;
    void (owner !== undefined && workerOn ? keepCatalogue({ owner, forMs }) : forgetKept());
  }, [owner, forMs, workerOn]);
  useEffect(() => {
    if (!('serviceWorker' in navigator)) return;
    if (!workerOn) return void removeWorker();
    const registered = new Workbox(WORKER, { updateViaCache: 'none' });
    registered.addEventListener('waiting', () => setPrompt('ready'));
    setWorkbox(registered);
    // Refused in a private window, or where storage is off: the pages do without.
    registered.register().catch(() => undefined);
    const looking = setInterval(() => void registered.update().catch(() => undefined), LOOK_FOR_UPDATES_MS);
    const stopFollowing = followController(() => setPrompt('replaced'));
    return () => {
      clearInterval(looking);
      stopFollowing();
    };
  }, [workerOn]);

  function reload() {
    if (prompt === 'replaced') location.reload();
    else if (prompt === 'ready' && hasUnsavedInput()) setPrompt('unsaved');
    else workbox?.messageSW({ type: SKIP_WAITING });
  }

  return <UpdatePrompt prompt={prompt} onReload={reload} onLater={() => setPrompt('none')} />;
}

function UpdatePrompt({ prompt, onReload, onLater }: { prompt: Prompt; onReload(): void; onLater(): void }) {
  const t = useTranslations('offline.update');
  const loses = prompt === 'unsaved' || prompt === 'replaced';
  return (
    <div role="status" className="fixed inset-x-4 bottom-4 z-30 sm:start-auto sm:max-w-sm">
      {prompt !== 'none' && (
        <div className="card flex flex-wrap items-center gap-x-4 gap-y-3 px-4 py-3 text-sm shadow-raised">
          <p className="min-w-40 flex-1">{t(loses ? 'unsaved' : 'ready')}</p>
          <div className="ms-auto flex gap-2">
            <button type="button" className="button" data-kind="quiet" onClick={onLater}>
              {t('later')}
            </button>
            <button type="button" className="button" data-kind={loses ? 'danger' : 'primary'} onClick={onReload}>
              {t(loses ? 'reloadAnyway' : 'reload')}
            </button>
          </div>
        </div>
      )}
    </div>
  );
}

/** The new worker takes every tab at once. Each goes over to it, once, unless something typed would be lost there. */
function followController(onKept: () => void): () => void {
  const { serviceWorker } = navigator;
  // The first worker of a browser replaces none: its pages are the newest.
  let hadWorker = serviceWorker.controller !== null;
  function onChange() {
    // A sign-out takes the worker away; that is no newer version.
    if (serviceWorker.controller === null) return;
    if (hadWorker && !hasUnsavedInput()) location.reload();
    else if (hadWorker) onKept();
    hadWorker = true;
  }
  serviceWorker.addEventListener('controllerchange', onChange);
  return () => serviceWorker.removeEventListener('controllerchange', onChange);
}

/** At once, also where the sign-out itself finds no network. */
function forgetOnSignOut(): () => void {
  function onSubmit({ target }: Event) {
    const isSignOut = target instanceof HTMLFormElement && new URL(target.action).pathname === '/sign-out';
    if (isSignOut && 'caches' in window) void forgetKept();
  }
  document.addEventListener('submit', onSubmit);
  return () => document.removeEventListener('submit', onSubmit);
}

/** The worker is switched off: this browser does not wait until it looks for a newer one. */
async function removeWorker(): Promise<void> {
  const registrations = await navigator.serviceWorker.getRegistrations();
  await Promise.all(registrations.map((registration) => registration.unregister()));
  for (const name of await caches.keys()) await caches.delete(name);
}
