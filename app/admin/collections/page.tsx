// The collections: groups of apps in an order, for everybody's launcher.
import type { Metadata } from 'next';
import { getTranslations } from 'next-intl/server';
import { listCollections } from '#server/store/collections.ts';
import { Empty } from '../../ui/empty.tsx';
import { PageHead } from '../../ui/page-head.tsx';
import { PageLink } from '../../ui/page-link.tsx';
import { enter, granted } from '../enter.ts';
import { CollectionList } from './collection-list.tsx';

export async function generateMetadata(): Promise<Metadata> {
  return { title: (await getTranslations('collections'))('title') };
}

export default async function CollectionsPage() {
  const { store, actor, can } = await enter('settings.read');
  const t = await getTranslations('collections');
  const { rows } = granted(await listCollections(store, actor));
  const lines = rows.map(({ id, name, appIds }) => ({ id, name, appCount: appIds.length }));
  return (
    <>
      <PageHead title={t('title')} about={t('about')}>
        {can('settings.write') && (
          <PageLink className="button" data-kind="primary" href="/admin/collections/new">
            {t('add')}
          </PageLink>
        )}
      </PageHead>
      {lines.length === 0 ? (
        <Empty title={t('emptyTitle')}>{t('emptyText')}</Empty>
      ) : (
        // A list that was changed elsewhere is a new list: it begins anew.
        <CollectionList
          key={lines.map(({ id }) => id).join()}
          collections={lines}
          isReadOnly={!can('settings.write')}
        />
      )}
    </>
  );
}
