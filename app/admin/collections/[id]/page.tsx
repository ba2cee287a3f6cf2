// One collection and its apps.
import type { Metadata } from 'next';
import { getTranslations } from 'next-intl/server';
import { getCollection } from '#server/store/collections.ts';
import { PageHead } from '../../../ui/page-head.tsx';
import { enter, granted } from '../../enter.ts';
import { appChoices } from '../app-choices.ts';
import { CollectionForm } from '../collection-form.tsx';

export async function generateMetadata(): Promise<Metadata> {
  return { title: (await getTranslations('collections'))('form.collection') };
}

export default async function CollectionPage({ params }: { params: Promise<{ id: string }> }) {
  const { store, actor, can } = await enter('settings.read');
  const { collection } = granted(await getCollection(store, actor, (await params).id));
  return (
    <>
      <PageHead title={collection.name} />
      <CollectionForm collection={collection} apps={appChoices()} isReadOnly={!can('settings.write')} />
    </>
  );
}
