// A page that threw: says so without a word of the cause, which is in the log.
'use client';
import { useTranslations } from 'next-intl';
import { Notice } from './ui/notice.tsx';

export default function ErrorPage({ error }: { error: Error & { digest?: string } }) {
  const [t, common] = [useTranslations('problems'), useTranslations('common')];
  return (
    <Notice
      title={t('brokeHeading')}
      supportId={error.digest ?? null}
      actions={
        <>
          <button type="button" className="button" data-kind="primary" onClick={() => window.location.reload()}>
            {common('tryAgain')}
          </button>
          <a className="button" href="/">
            {common('goToApps')}
          </a>
        </>
      }
    >
      <p>{t('broke')}</p>
    </Notice>
  );
}
