// A new app.
import type { Metadata } from 'next';
import { forbidden } from 'next/navigation';
import { PageHead } from '../../../ui/page-head.tsx';
import { enter } from '../../enter.ts';
import { appChoices } from '../app-choices.ts';
import { AppForm } from '../app-form.tsx';

export const metadata: Metadata = { title: 'Add app' };

export default async function NewAppPage() {
  const admin = await enter('apps.write');
  const choices = await appChoices(admin);
  if (choices.sites.length === 0 && !admin.can('sites.write')) forbidden();
  return (
    <>
      <PageHead title="Add app" />
      <AppForm app={null} choices={choices} />
    </>
  );
}
