// What is known of one app: what it is for, who answers for it, where help is, and how it is right now.
'use client';
import '../ui/style-nonce.ts';
import { X } from 'lucide-react';
import { useTranslations } from 'next-intl';
import { Dialog } from 'radix-ui';
import { type ReactNode, useRef } from 'react';
import type { SupportContact } from '#server/core/support.ts';
import { PageLink } from '../ui/page-link.tsx';
import { AppIcon } from './app-icon.tsx';
import { AppLink } from './app-link.tsx';
import { AppStateWords, isDisturbed } from './app-state-words.tsx';
import type { LauncherApp } from './launcher-app.ts';

/** One dialog for all apps of the page, open while there is an app to speak of. */
export function AppDetails({ app, onClose }: { app: LauncherApp | null; onClose(): void }) {
  return (
    <Dialog.Root open={app !== null} onOpenChange={(isOpen) => !isOpen && onClose()}>
      <Dialog.Portal>
        <Dialog.Overlay className="fixed inset-0 z-40 bg-scrim" />
        {app && <Content app={app} />}
      </Dialog.Portal>
    </Dialog.Root>
  );
}

function Content({ app }: { app: LauncherApp }) {
  const t = useTranslations('launcher.details');
  const tc = useTranslations('common');
  const opener = useRef<Element | null>(null);
  return (
    <Dialog.Content
      aria-describedby={undefined}
      onOpenAutoFocus={() => {
        opener.current = document.activeElement;
      }}
      onCloseAutoFocus={(event) => {
        // Radix gives the focus back to a trigger of its own, and this dialog is opened from many buttons.
        event.preventDefault();
        if (opener.current instanceof HTMLElement) opener.current.focus();
      }}
      className="card fixed start-1/2 top-1/2 z-50 max-h-[85dvh] w-[calc(100vw-2rem)] max-w-md -translate-x-1/2 -translate-y-1/2 overflow-y-auto p-6 shadow-raised outline-none rtl:translate-x-1/2"
    >
      <div className="flex items-center gap-3.5 pe-8">
        <AppIcon app={app} size="large" />
        <Dialog.Title className="min-w-0 text-lg font-semibold tracking-tight break-words">{app.name}</Dialog.Title>
      </div>
      <Dialog.Close
        aria-label={tc('close')}
        className="absolute end-3 top-3 grid size-9 cursor-pointer place-items-center rounded-md text-muted hover:bg-sunken hover:text-text"
      >
        <X size={18} aria-hidden />
      </Dialog.Close>
      {app.description && <p className="mt-4 text-[0.9375rem] break-words whitespace-pre-line">{app.description}</p>}
      <dl className="mt-5 grid grid-cols-[6.5rem_minmax(0,1fr)] gap-x-4 gap-y-2.5 text-sm">
        <Fact name={t('address')}>{app.host}</Fact>
        {app.category && <Fact name={t('category')}>{app.category}</Fact>}
        {app.owner && (
          <Fact name={t('owner')}>
            {app.owner.name}
            <a className="link block break-all" href={`mailto:${app.owner.email}`}>
              {app.owner.email}
            </a>
          </Fact>
        )}
        {app.support && (
          <Fact name={t('support')}>
            <Support contact={app.support} />
          </Fact>
        )}
        <Fact name={t('state')}>
          <span className={isDisturbed(app.state) ? 'text-warn' : ''}>
            <AppStateWords state={app.state} />
          </span>
        </Fact>
      </dl>
      <div className="mt-6 flex flex-wrap items-center justify-between gap-x-4 gap-y-3">
        <PageLink className="link text-sm" href={`/path/${app.id}`}>
          {t('path')}
        </PageLink>
        <AppLink app={app} className="button">
          {t('openApp')}
        </AppLink>
      </div>
    </Dialog.Content>
  );
}

function Fact(props: { name: string; children: ReactNode }) {
  return (
    <>
      <dt className="text-muted">{props.name}</dt>
      <dd className="min-w-0 break-words">{props.children}</dd>
    </>
  );
}

function Support({ contact }: { contact: SupportContact }) {
  if (contact.kind === 'words') return contact.text;
  const leaves = contact.kind === 'page' ? { target: '_blank', rel: 'noopener noreferrer' } : {};
  return (
    <a className="link break-all" href={contact.href} {...leaves}>
      {contact.text}
    </a>
  );
}
