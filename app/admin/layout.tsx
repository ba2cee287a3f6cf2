// The frame of the admin pages: the areas that this person's role includes.

import { redirect } from 'next/navigation';
import type { ReactNode } from 'react';
import { currentSession } from '../session/current.ts';
import { Shell } from '../shell/shell.tsx';
import { AreaNav } from './area-nav.tsx';
import { adminAreas } from './areas.ts';
import { refuse } from './enter.ts';

export default async function AdminLayout({ children }: { children: ReactNode }) {
  const session = await currentSession();
  if (!session) redirect('/sign-in');
  const areas = adminAreas(session.identity.role);
  if (areas.length === 0) return refuse(session, 'admin');
  return (
    <Shell session={session} active="admin">
      <div className="grid gap-6 md:grid-cols-[10rem_minmax(0,1fr)] md:gap-10">
        <AreaNav areas={areas.map(({ href, name }) => ({ href, name }))} />
        <main className="min-w-0">{children}</main>
      </div>
    </Shell>
  );
}
