// A new provider.
import type { Metadata } from 'next';
import { portalContext } from '#server/store/portal-context.ts';
import { PageHead } from '../../../ui/page-head.tsx';
import { enter } from '../../enter.ts';
import { ProviderForm } from '../provider-form.tsx';

export const metadata: Metadata = { title: 'Add provider' };

export default async function NewProviderPage() {
  await enter('providers.write');
  return (
    <>
      <PageHead title="Add provider" />
      <ProviderForm provider={null} portalOrigin={portalContext().portal.origin} />
    </>
  );
}
