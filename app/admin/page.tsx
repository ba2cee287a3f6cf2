// The admin area opens with what happened of late; for those who may not see that, at the first area of their role.
import type { Metadata } from 'next';
import { redirect } from 'next/navigation';
import { getTranslations } from 'next-intl/server';
import { RANGES } from '#server/core/plot-range.ts';
import { readDashboard } from '#server/store/dashboard.ts';
import { PageHead } from '../ui/page-head.tsx';
import { PageLink } from '../ui/page-link.tsx';
import { ZoneName } from '../ui/time.tsx';
import { adminAreas } from './areas.ts';
import { Figures } from './dashboard/figures.tsx';
import { Plots } from './dashboard/plots.tsx';
import { RangeSwitch } from './dashboard/range-switch.tsx';
import { AppTable, GatewayTable } from './dashboard/tables.tsx';
import { enter, granted } from './enter.ts';

export async function generateMetadata(): Promise<Metadata> {
  return { title: (await getTranslations('dashboard'))('title') };
}

export default async function AdminPage({ searchParams }: { searchParams: Promise<{ range?: string | string[] }> }) {
  const { actor, can, session, store } = await enter('apps.read');
  if (!can('audit.read')) redirect(adminAreas(session.identity.role)[0]?.href ?? '/');
  const [t, apps] = await Promise.all([getTranslations('dashboard'), getTranslations('apps')]);
  const asked = (await searchParams).range;
  const range = RANGES.find((each) => each === asked) ?? 'day';
  const now = store.now();
  const dashboard = granted(await readDashboard(store, actor, range));
  return (
    <>
      <PageHead
        title={t('title')}
        about={
          <>
            {t('about')} {t('zone')} <ZoneName />.
          </>
        }
      >
        <RangeSwitch current={range} />
        {can('apps.place') && (
          <PageLink className="button" data-kind="primary" href="/admin/apps/publish">
            {apps('publish.title')}
          </PageLink>
        )}
      </PageHead>
      <Figures dashboard={dashboard} />
      <Plots dashboard={dashboard} range={range} now={now} />
      <section className="mt-8">
        <h2 className="mb-3 font-medium">{t('apps')}</h2>
        <AppTable apps={dashboard.apps} />
      </section>
      <section className="mt-8">
        <h2 className="mb-3 font-medium">{t('gateways')}</h2>
        <GatewayTable gateways={dashboard.gateways} now={now} />
      </section>
    </>
  );
}
