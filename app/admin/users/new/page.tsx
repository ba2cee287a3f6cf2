// A new person: with a password here, or invited to sign in with a provider.
import type { Metadata } from 'next';
import { getTranslations } from 'next-intl/server';
import { signInProviders } from '#server/store/providers.ts';
import { PageHead } from '../../../ui/page-head.tsx';
import { enter } from '../../enter.ts';
import { UserForm } from '../user-form.tsx';

export async function generateMetadata(): Promise<Metadata> {
  return { title: (await getTranslations('people'))('addUser') };
}

export default async function NewUserPage() {
  const { store } = await enter('people.write');
  return (
    <>
      <PageHead title={(await getTranslations('people'))('addUser')} />
      <UserForm user={null} providers={await signInProviders(store)} />
    </>
  );
}
