// A new person: with a password here, or invited to sign in with a provider.
import type { Metadata } from 'next';
import { signInProviders } from '#server/store/providers.ts';
import { PageHead } from '../../../ui/page-head.tsx';
import { enter } from '../../enter.ts';
import { UserForm } from '../user-form.tsx';

export const metadata: Metadata = { title: 'Add user' };

export default async function NewUserPage() {
  const { store } = await enter('people.write');
  return (
    <>
      <PageHead title="Add user" />
      <UserForm user={null} providers={await signInProviders(store)} />
    </>
  );
}
