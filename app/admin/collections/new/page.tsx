// A new collection.
import type { Metadata } from 'next';
import { getTranslations } from 'next-intl/server';
import { PageHead } from '../../../ui/page-head.tsx';
import { enter } from '../../enter.ts';
import { appChoices } from '../app-choices.ts';
import { CollectionForm } from '../collection-form.tsx';

export async function generateMetadata(): Promise<Metadata> {
  return { title: (await getTranslations('collections'))('add') };
}

export default async function NewCollectionPage() {
  await enter('settings.write');
  const t = await getTranslations('collections');
  return (
    <>
      <PageHead title={t('add')} />
      <CollectionForm collection={null} apps={appChoices()} />
    </>
  );
}
