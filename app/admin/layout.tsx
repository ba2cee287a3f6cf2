// The frame of the admin pages: the areas that this person's role includes.

import { redirect } from 'next/navigation';
import { getTranslations } from 'next-intl/server';
import type { ReactNode } from 'react';
import { Texts } from '../i18n/texts.tsx';
import { currentSession } from '../session/current.ts';
import { Shell } from '../shell/shell.tsx';
import { AreaNav } from './area-nav.tsx';
import { adminAreas } from './areas.ts';
import { refuse } from './enter.ts';

/** What the client components of the admin pages read. */
const TEXTS = [
  ...(['common', 'shell', 'launcher', 'account', 'problems', 'settings', 'apps', 'sites', 'path'] as const),
  ...([
    'dashboard',
    'audit',
    'sessions',
    'people',
    'tokens',
    'providers',
    'collections',
    'notices',
    'gateways',
    'machines',
    'names',
  ] as const),
] as const;

export default async function AdminLayout({ children }: { children: ReactNode }) {
  const session = await currentSession();
  if (!session) redirect('/sign-in');
  const areas = adminAreas(session.identity.role);
  if (areas.length === 0) return refuse(session, 'admin');
  const t = await getTranslations('shell');
  return (
    <Texts of={TEXTS}>
      <Shell session={session} active="admin">
        <div className="grid gap-6 md:grid-cols-[10rem_minmax(0,1fr)] md:gap-10">
          <AreaNav areas={areas.map(({ key, href }) => ({ href, name: t(`areas.${key}`) }))} />
          <main className="min-w-0">{children}</main>
        </div>
      </Shell>
    </Texts>
  );
}
