// The frame of every signed-in page: where you are, where you can go, who you are.

import { getTranslations } from 'next-intl/server';
import type { ReactNode } from 'react';
import type { Session } from '#server/core/identity.ts';
import { portalContext } from '#server/store/portal-context.ts';
import { type Area, adminAreas } from '../admin/areas.ts';
import { BrandSign } from '../brand/brand-context.tsx';
import { PageLink } from '../ui/page-link.tsx';
import { AccountMenu } from './account-menu.tsx';
import { CommandPalette } from './command-palette.tsx';
import { sessionFacts } from './session-facts.ts';

export async function Shell(props: { session: Session; active: 'apps' | 'admin' | 'account'; children: ReactNode }) {
  const { role } = props.session.identity;
  const t = await getTranslations('shell');
  const tc = await getTranslations('common');
  const [firstArea] = adminAreas(role);
  return (
    <>
      <a href="#content" className="skip button">
        {tc('skipToContent')}
      </a>
      <header className="border-b border-line bg-surface">
        <div className="mx-auto flex h-14 max-w-6xl items-center gap-1 px-4 sm:gap-2 sm:px-6">
          <PageLink href="/" className="me-3 flex items-center gap-2 font-semibold tracking-tight">
            <BrandSign nameClass="max-[26rem]:sr-only" />
          </PageLink>
          <nav aria-label={t('main')} className="flex gap-1 text-sm">
            <HeaderLink href="/" isActive={props.active === 'apps'}>
              {t('apps')}
            </HeaderLink>
            {firstArea && (
              <HeaderLink href={firstArea.href} isActive={props.active === 'admin'}>
                {t('admin')}
              </HeaderLink>
            )}
          </nav>
          <div className="-me-3.5 ms-auto flex items-center">
            <CommandPalette places={places(t, adminAreas(role))} />
            <AccountMenu session={sessionFacts(props.session, portalContext().now())} />
          </div>
        </div>
      </header>
      <div id="content" tabIndex={-1} className="mx-auto max-w-6xl px-4 py-8 outline-none sm:px-6">
        {props.children}
      </div>
    </>
  );
}

/** The pages of Foyer itself that this person may open. */
function places(t: Awaited<ReturnType<typeof getTranslations<'shell'>>>, areas: readonly Area[]) {
  return [
    { label: t('palette.launcher'), detail: t('palette.launcherDetail'), href: '/' },
    { label: t('palette.accountPage'), detail: t('palette.accountDetail'), href: '/account' },
    { label: t('account.machines'), detail: t('palette.machinesDetail'), href: '/machines' },
    ...areas.map(({ key, href }) => ({ label: t(`areas.${key}`), detail: t('palette.adminDetail'), href })),
  ];
}

function HeaderLink(props: { href: string; isActive: boolean; children: ReactNode }) {
  return (
    <PageLink
      href={props.href}
      aria-current={props.isActive ? 'page' : undefined}
      className="rounded-md px-2.5 py-1.5 text-muted hover:bg-sunken hover:text-text aria-[current]:font-medium aria-[current]:text-text"
    >
      {props.children}
    </PageLink>
  );
}
