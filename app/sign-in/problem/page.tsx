// A provider's answer that could not be accepted. One page for every cause: the cause is in the log, not here.
import type { Metadata } from 'next';
import { getTranslations } from 'next-intl/server';
import { parseSupportId } from '../../request/request-facts.ts';
import { Notice } from '../../ui/notice.tsx';

export async function generateMetadata(): Promise<Metadata> {
  return { title: (await getTranslations('signIn'))('provider.title') };
}

type Query = { reason?: string; support?: string };

export default async function SignInProblemPage({ searchParams }: { searchParams: Promise<Query> }) {
  const { reason, support } = await searchParams;
  const t = await getTranslations('signIn.provider');
  const isNotInvited = reason === 'not-invited';
  return (
    <Notice
      title={isNotInvited ? t('notInvitedHeading') : t('heading')}
      supportId={parseSupportId(support)}
      actions={
        <a className="button" data-kind="primary" href="/sign-in">
          {t('back')}
        </a>
      }
    >
      <p>{isNotInvited ? t('notInvited') : t('about')}</p>
    </Notice>
  );
}
