// A new token.
import type { Metadata } from 'next';
import { getTranslations } from 'next-intl/server';
import { scopesOf } from '#server/core/scope.ts';
import { portalContext } from '#server/store/portal-context.ts';
import { PageHead } from '../../../ui/page-head.tsx';
import { enter } from '../../enter.ts';
import { TokenForm } from '../token-form.tsx';

export async function generateMetadata(): Promise<Metadata> {
  return { title: (await getTranslations('tokens'))('make') };
}

export default async function NewTokenPage() {
  const { session } = await enter('tokens.write');
  const t = await getTranslations('tokens');
  if (session.kind === 'shared') return <PageHead title={t('make')} about={t('shared')} />;
  return (
    <>
      <PageHead title={t('make')} about={t('makeAbout')} />
      <TokenForm scopes={scopesOf(session.identity.role)} portalOrigin={portalContext().portal.origin} />
    </>
  );
}
