// A new site.
import type { Metadata } from 'next';
import { PageHead } from '../../../ui/page-head.tsx';
import { enter } from '../../enter.ts';
import { SiteForm } from '../site-form.tsx';

export const metadata: Metadata = { title: 'Add site' };

export default async function NewSitePage() {
  await enter('sites.write');
  return (
    <>
      <PageHead title="Add site" />
      <SiteForm site={null} />
    </>
  );
}
