// The browser does not keep our cookies: says so in plain words, and what works instead.
import type { Metadata } from 'next';
import { headers } from 'next/headers';
import { getTranslations } from 'next-intl/server';
import { portalContext } from '#server/store/portal-context.ts';
import { supportId } from '../../request/request-facts.ts';
import { Notice } from '../../ui/notice.tsx';
import { code, strong } from '../../ui/rich.tsx';

export async function generateMetadata(): Promise<Metadata> {
  return { title: (await getTranslations('signIn'))('cookies.title') };
}

export default async function CookiesPage() {
  const { portal } = portalContext();
  const [t, common] = await Promise.all([getTranslations('signIn.cookies'), getTranslations('common')]);
  const isPlain = portal.scheme === 'http';
  return (
    <Notice
      title={t('heading')}
      supportId={supportId(await headers())}
      actions={
        <a className="button" data-kind="primary" href="/sign-in">
          {common('tryAgain')}
        </a>
      }
    >
      <p>{t('about')}</p>
      {isPlain ? (
        <>
          <p>{t.rich('plain', { b: strong, origin: portal.origin })}</p>
          <ul>
            <li>{t('useChrome')}</li>
            <li>{t.rich('useTls', { code })}</li>
          </ul>
        </>
      ) : (
        <ul>
          <li>{t('allow', { host: portal.hostname })}</li>
          <li>{t('extension')}</li>
          <li>{t('clock')}</li>
        </ul>
      )}
    </Notice>
  );
}
