// What a one-time link leads to: the first administrator, the way back in, or a person's first password.
import type { Metadata } from 'next';
import { getTranslations } from 'next-intl/server';
import { portalContext } from '#server/store/portal-context.ts';
import { readLink } from '#server/store/setup-links.ts';
import { BrandMark } from '../brand/brand-mark.tsx';
import { currentBrand } from '../brand/current-brand.ts';
import { Texts } from '../i18n/texts.tsx';
import { Notice } from '../ui/notice.tsx';
import { code } from '../ui/rich.tsx';
import { SetupForm } from './form.tsx';

export async function generateMetadata(): Promise<Metadata> {
  return { title: (await getTranslations('setup'))('title') };
}

type Query = { token?: string; problem?: string };

export default async function SetupPage({ searchParams }: { searchParams: Promise<Query> }) {
  const { token = '', problem } = await searchParams;
  const t = await getTranslations('setup');
  const link = typeof token === 'string' && token ? await readLink(portalContext().store, token) : null;
  if (!link) {
    return (
      <Notice
        title={t('staleHeading')}
        actions={
          <a className="button" data-kind="primary" href="/sign-in">
            {t('toSignIn')}
          </a>
        }
      >
        <p>{t('stale')}</p>
        <p>{t.rich('staleAdvice', { code })}</p>
      </Notice>
    );
  }
  return (
    <main className="mx-auto w-full max-w-[25rem] px-5 py-16">
      <BrandMark brand={currentBrand()} />
      <h1 className="mt-5 text-[1.375rem] font-semibold tracking-tight">
        {link.kind === 'admin' ? t('adminHeading') : t('passwordHeading')}
      </h1>
      <p className="mt-1 mb-7 text-[0.9375rem] text-muted">
        {link.kind === 'admin' ? t('adminAbout') : t('passwordAbout', { email: link.email })}
      </p>
      <Texts of={['common', 'setup']}>
        <SetupForm token={token} isAdmin={link.kind === 'admin'} hasProblem={problem !== undefined} />
      </Texts>
    </main>
  );
}
