// For people who went round in circles: what can cause it, what this browser shows of it, and the id that finds it in the log.
import type { Metadata } from 'next';
import { headers } from 'next/headers';
import { getTranslations } from 'next-intl/server';
import { portalContext } from '#server/store/portal-context.ts';
import { Texts } from '../i18n/texts.tsx';
import { parseSupportId, supportId } from '../request/request-facts.ts';
import { Notice } from '../ui/notice.tsx';
import { strong } from '../ui/rich.tsx';
import { BrowserChecks } from './browser-checks.tsx';

export async function generateMetadata(): Promise<Metadata> {
  return { title: (await getTranslations('diagnosis'))('title') };
}

type Query = { reason?: string; support?: string };

export default async function DiagnosisPage({ searchParams }: { searchParams: Promise<Query> }) {
  const { reason = '', support } = await searchParams;
  const { portal, now } = portalContext();
  const [t, common] = await Promise.all([getTranslations('diagnosis'), getTranslations('common')]);
  return (
    <Notice
      title={t(reason === 'loop' || reason === 'rounds' ? reason : 'other')}
      supportId={parseSupportId(support) ?? supportId(await headers())}
      actions={
        <a className="button" data-kind="primary" href="/">
          {common('goToApps')}
        </a>
      }
    >
      <p>{t('about')}</p>
      <Texts of={['diagnosis']}>
        <BrowserChecks serverNow={now()} />
      </Texts>
      <p>{t('usually')}</p>
      <ul>
        <li>
          {t.rich('cookies', { b: strong })} {portal.scheme === 'http' && t('cookiesPlain')}
        </li>
        <li>{t.rich('clock', { b: strong })}</li>
        <li>{t.rich('gateways', { b: strong })}</li>
      </ul>
    </Notice>
  );
}
