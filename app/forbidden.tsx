// Signed in, but not allowed here.
import { headers } from 'next/headers';
import { getTranslations } from 'next-intl/server';
import { supportId } from './request/request-facts.ts';
import { currentSession } from './session/current.ts';
import { Notice } from './ui/notice.tsx';
import { strong } from './ui/rich.tsx';

export default async function Forbidden() {
  const session = await currentSession();
  const [t, common] = await Promise.all([getTranslations('problems'), getTranslations('common')]);
  return (
    <Notice
      title={t('forbiddenHeading')}
      supportId={supportId(await headers())}
      actions={
        <a className="button" data-kind="primary" href="/">
          {common('goToApps')}
        </a>
      }
    >
      <p>
        {session ? t.rich('forbiddenAs', { b: strong, email: session.identity.email }) : t('forbidden')} {t('askAdmin')}
      </p>
    </Notice>
  );
}
