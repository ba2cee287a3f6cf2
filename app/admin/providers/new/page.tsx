// A new provider.
import type { Metadata } from 'next';
import { getTranslations } from 'next-intl/server';
import { portalContext } from '#server/store/portal-context.ts';
import { PageHead } from '../../../ui/page-head.tsx';
import { enter } from '../../enter.ts';
import { ProviderForm } from '../provider-form.tsx';

export async function generateMetadata(): Promise<Metadata> {
  return { title: (await getTranslations('providers'))('add') };
}

export default async function NewProviderPage() {
  await enter('providers.write');
  const t = await getTranslations('providers');
  return (
    <>
      <PageHead title={t('add')} />
      <ProviderForm provider={null} portalOrigin={portalContext().portal.origin} />
    </>
  );
}
