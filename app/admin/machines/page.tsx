// Everybody's machines, and how they are called.
import type { Metadata } from 'next';
import { getTranslations } from 'next-intl/server';
import { may } from '#server/core/permission.ts';
import { listMachines } from '#server/store/machine-list.ts';
import { zoneOf } from '#server/store/schema/machine.ts';
import { getSetting } from '#server/store/settings.ts';
import { MachineTable } from '../../machines/machine-table.tsx';
import { Empty } from '../../ui/empty.tsx';
import { PageHead } from '../../ui/page-head.tsx';
import { PageLink } from '../../ui/page-link.tsx';
import { enter, granted } from '../enter.ts';
import { type ListParams, listQuery } from '../list-query.ts';
import { Pager } from '../pager.tsx';
import { SearchForm } from '../search-form.tsx';
import { MachineSettingsForm } from './machine-settings-form.tsx';

export async function generateMetadata(): Promise<Metadata> {
  return { title: (await getTranslations('machines'))('title') };
}

export default async function MachinesPage({ searchParams }: { searchParams: ListParams }) {
  const { store, actor, session, can } = await enter('machines.read', 'any');
  const t = await getTranslations('machines');
  const query = await listQuery(searchParams);
  const [machines, settings] = await Promise.all([
    listMachines(store, actor, query).then(granted),
    getSetting(store, actor, 'machines').then(granted),
  ]);
  const { rows, total } = machines;
  const { role, userId } = session.identity;
  return (
    <>
      <PageHead title={t('title')} about={t('about')}>
        <PageLink className="button" data-kind="primary" href="/machines">
          {t('addElsewhere')}
        </PageLink>
      </PageHead>
      <SearchForm label={t('search')} search={query.search} />
      {rows.length > 0 ? (
        <MachineTable machines={rows} showOwner writable={may(role, 'machines.write') ? null : userId} />
      ) : query.search ? (
        <Empty title={t('noneMatches')}>{t('fewerLetters')}</Empty>
      ) : (
        <Empty title={t('none')}>{t('about')}</Empty>
      )}
      <Pager total={total} {...query} />
      <MachineSettingsForm
        settings={settings.value}
        zone={zoneOf(settings.value, store.portal)}
        usualZone={zoneOf({ zone: null }, store.portal)}
        updatedAt={settings.updatedAt}
        isReadOnly={!can('settings.write')}
      />
    </>
  );
}
