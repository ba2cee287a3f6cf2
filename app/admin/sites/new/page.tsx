// A new site.
import type { Metadata } from 'next';
import { portalContext } from '#server/store/portal-context.ts';
import { PageHead } from '../../../ui/page-head.tsx';
import { enter } from '../../enter.ts';
import { SiteForm } from '../site-form.tsx';

export const metadata: Metadata = { title: 'Add site' };

export default async function NewSitePage() {
  await enter('sites.write');
  const { snapshot, proposeSite } = portalContext();
  const isFirst = snapshot().sitesById.size === 0;
  return (
    <>
      <PageHead title={isFirst ? 'Add your first site' : 'Add site'} />
      {isFirst && (
        <p className="mb-5 max-w-prose text-muted">
          This is what the gateway’s own machine uses: its DNS servers and the private networks it stands in. Check it,
          change what is not right, and save.
        </p>
      )}
      <SiteForm site={null} proposal={isFirst ? proposeSite() : undefined} />
    </>
  );
}
