// What holds for the whole of Foyer.
import type { Metadata } from 'next';
import { getTranslations } from 'next-intl/server';
import { getSetting } from '#server/store/settings.ts';
import { PageHead } from '../../ui/page-head.tsx';
import { enter, granted } from '../enter.ts';
import { AliasForm } from './alias-form.tsx';
import { BrandForm } from './brand-form.tsx';

export async function generateMetadata(): Promise<Metadata> {
  return { title: (await getTranslations('settings'))('title') };
}

export default async function SettingsPage() {
  const { store, actor, can } = await enter('settings.read');
  const [brand, aliases, t] = await Promise.all([
    getSetting(store, actor, 'brand').then(granted),
    getSetting(store, actor, 'aliases').then(granted),
    getTranslations('settings'),
  ]);
  const isReadOnly = !can('settings.write');
  return (
    <>
      <PageHead title={t('title')} about={t('about')} />
      <BrandForm brand={brand.value} updatedAt={brand.updatedAt} isReadOnly={isReadOnly} />
      <AliasForm aliases={aliases.value} updatedAt={aliases.updatedAt} isReadOnly={isReadOnly} />
    </>
  );
}
