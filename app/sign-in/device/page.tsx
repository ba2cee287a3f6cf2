// A command line asks to be signed in: which one, from where, and the person's word (RFC 8628 §3.3).
import type { Metadata } from 'next';
import { redirect } from 'next/navigation';
import { getTranslations } from 'next-intl/server';
import { Texts } from '../../i18n/texts.tsx';
import { currentSession } from '../../session/current.ts';
import { Shell } from '../../shell/shell.tsx';
import { PageHead } from '../../ui/page-head.tsx';
import { DeviceLogin } from './device-login.tsx';

export async function generateMetadata(): Promise<Metadata> {
  return { title: (await getTranslations('device'))('title') };
}

export default async function DevicePage({ searchParams }: { searchParams: Promise<{ code?: string | string[] }> }) {
  const session = await currentSession();
  if (!session) redirect('/sign-in?to=/sign-in/device');
  const { code } = await searchParams;
  const t = await getTranslations('device');
  return (
    <Texts of={['common', 'shell', 'launcher', 'account', 'problems', 'offline', 'device']}>
      <Shell session={session} active="account">
        <main className="max-w-xl">
          <PageHead title={t('title')} about={t('about')} />
          <DeviceLogin code={typeof code === 'string' ? code.slice(0, 40) : ''} email={session.identity.email} />
        </main>
      </Shell>
    </Texts>
  );
}
