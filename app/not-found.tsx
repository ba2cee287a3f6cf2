// There is no such page.
import { headers } from 'next/headers';
import { getLocale, getTranslations } from 'next-intl/server';
import { faultText } from '#server/core/texts.ts';
import { supportId } from './request/request-facts.ts';
import { Notice } from './ui/notice.tsx';

export default async function NotFound() {
  const t = await getTranslations('common');
  const { title, sentence } = faultText('not-found', await getLocale());
  return (
    <Notice
      title={title}
      supportId={supportId(await headers())}
      actions={
        <a className="button" data-kind="primary" href="/">
          {t('goToApps')}
        </a>
      }
    >
      <p>{sentence}</p>
    </Notice>
  );
}
