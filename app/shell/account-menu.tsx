// Who you are, until when, and the way out. Signing out is a form, so that it works before any script has arrived.
'use client';
import { Laptop, LogOut, UserRound } from 'lucide-react';
import { useTranslations } from 'next-intl';
import { DropdownMenu } from 'radix-ui';
import { useRef } from 'react';
import type { SessionFacts } from './session-facts.ts';
import { Until } from './until.tsx';

export function AccountMenu({ session }: { session: SessionFacts }) {
  const t = useTranslations('shell');
  const form = useRef<HTMLFormElement>(null);
  const { name, email, provider, kind } = session;
  const how = provider === null ? t('session.password') : t('session.provider', { provider });
  const when = () => <Until at={session.expiresAt} readAt={session.readAt} />;
  return (
    <>
      <form ref={form} method="post" action="/sign-out" hidden />
      <DropdownMenu.Root modal={false}>
        <DropdownMenu.Trigger className="button" data-kind="quiet" aria-label={t('account.of', { name })}>
          <UserRound size={16} aria-hidden />
          <span className="hidden max-w-44 truncate sm:inline">{name}</span>
        </DropdownMenu.Trigger>
        <DropdownMenu.Portal>
          <DropdownMenu.Content
            align="end"
            sideOffset={6}
            className="card z-40 w-72 max-w-[calc(100vw-2rem)] p-1 text-sm shadow-raised"
          >
            <div className="px-2.5 py-2">
              <p className="truncate font-medium">{name}</p>
              <p className="truncate text-[0.8125rem] text-muted">{email}</p>
              <p className="mt-2 text-[0.8125rem] text-muted">
                {t.rich('session.signedIn', {
                  how,
                  where: t(`session.${kind}`),
                  until: () => t.rich('session.until', { when }),
                })}
              </p>
            </div>
            <DropdownMenu.Separator className="mx-1 my-1 h-px bg-line" />
            <DropdownMenu.Item asChild>
              <a href="/account" className={ITEM}>
                <UserRound size={16} aria-hidden />
                {t('account.page')}
              </a>
            </DropdownMenu.Item>
            <DropdownMenu.Item asChild>
              <a href="/machines" className={ITEM}>
                <Laptop size={16} aria-hidden />
                {t('account.machines')}
              </a>
            </DropdownMenu.Item>
            <DropdownMenu.Item asChild onSelect={() => form.current?.requestSubmit()}>
              <button type="button" className={`${ITEM} w-full`}>
                <LogOut size={16} aria-hidden />
                {t('account.signOut')}
              </button>
            </DropdownMenu.Item>
          </DropdownMenu.Content>
        </DropdownMenu.Portal>
      </DropdownMenu.Root>
    </>
  );
}

const ITEM =
  'flex cursor-pointer items-center gap-2.5 rounded-md px-2.5 py-2 text-start outline-none data-highlighted:bg-sunken';
