// The frame of every signed-in page: where you are, where you can go, who you are.

import type { ReactNode } from 'react';
import type { Session } from '#server/core/identity.ts';
import { adminAreas } from '../admin/areas.ts';
import { Logo } from '../ui/logo.tsx';
import { PageLink } from '../ui/page-link.tsx';
import { AccountMenu } from './account-menu.tsx';

export function Shell(props: { session: Session; active: 'apps' | 'admin' | 'account'; children: ReactNode }) {
  const { name, email, role } = props.session.identity;
  const [firstArea] = adminAreas(role);
  return (
    <>
      <a href="#content" className="skip button">
        Skip to content
      </a>
      <header className="border-b border-line bg-surface">
        <div className="mx-auto flex h-14 max-w-6xl items-center gap-1 px-4 sm:gap-2 sm:px-6">
          <PageLink href="/" className="mr-3 flex items-center gap-2 font-semibold tracking-tight">
            <Logo />
            <span className="max-[26rem]:sr-only">Foyer</span>
          </PageLink>
          <nav aria-label="Main" className="flex gap-1 text-sm">
            <HeaderLink href="/" isActive={props.active === 'apps'}>
              Apps
            </HeaderLink>
            {firstArea && (
              <HeaderLink href={firstArea.href} isActive={props.active === 'admin'}>
                Admin
              </HeaderLink>
            )}
          </nav>
          <div className="-mr-3.5 ml-auto">
            <AccountMenu name={name} email={email} />
          </div>
        </div>
      </header>
      <div id="content" tabIndex={-1} className="mx-auto max-w-6xl px-4 py-8 outline-none sm:px-6">
        {props.children}
      </div>
    </>
  );
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
