// One provider.
import type { Metadata } from 'next';
import { getTranslations } from 'next-intl/server';
import { Suspense } from 'react';
import { portalContext } from '#server/store/portal-context.ts';
import { getProvider } from '#server/store/providers.ts';
import { PageHead } from '../../../ui/page-head.tsx';
import { enter, granted } from '../../enter.ts';
import { ProviderForm } from '../provider-form.tsx';
import { ProviderCheck, ProviderChecking } from './provider-check.tsx';

export async function generateMetadata(): Promise<Metadata> {
  return { title: (await getTranslations('providers'))('provider') };
}

export default async function ProviderPage({ params }: { params: Promise<{ id: string }> }) {
  const { store, actor, can } = await enter('providers.read');
  const { provider } = granted(await getProvider(store, actor, (await params).id));
  return (
    <>
      <PageHead title={provider.name} />
      {/* By its last change: asked anew after one, and saving does not wait for it. */}
      {provider.enabled && (
        <Suspense key={provider.updatedAt} fallback={<ProviderChecking />}>
          <ProviderCheck provider={provider} />
        </Suspense>
      )}
      <ProviderForm
        provider={provider}
        portalOrigin={portalContext().portal.origin}
        isReadOnly={!can('providers.write')}
      />
    </>
  );
}
