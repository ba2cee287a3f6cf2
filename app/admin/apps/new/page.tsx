// A new app.
import type { Metadata } from 'next';
import { PageHead } from '../../../ui/page-head.tsx';
import { enter } from '../../enter.ts';
import { appChoices } from '../app-choices.ts';
import { AppForm } from '../app-form.tsx';

export const metadata: Metadata = { title: 'Add app' };

export default async function NewAppPage() {
  const admin = await enter('apps.place');
  const choices = await appChoices(admin);
  return (
    <>
      <PageHead title="Add app" />
      <AppForm app={null} choices={choices} />
    </>
  );
}
