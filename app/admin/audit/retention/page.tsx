// How long the audit and usage are kept.
import type { Metadata } from 'next';
import { getTranslations } from 'next-intl/server';
import { getSetting } from '#server/store/settings.ts';
import { PageHead } from '../../../ui/page-head.tsx';
import { PageLink } from '../../../ui/page-link.tsx';
import { enter, granted } from '../../enter.ts';
import { RetentionForm } from './retention-form.tsx';

export async function generateMetadata(): Promise<Metadata> {
  return { title: (await getTranslations('audit'))('retention.title') };
}

export default async function RetentionPage() {
  const { store, actor, can } = await enter('settings.read');
  const t = await getTranslations('audit');
  const { value, updatedAt } = granted(await getSetting(store, actor, 'retention'));
  return (
    <>
      <PageHead title={t('retention.title')} about={t('retention.about')}>
        <PageLink className="button" data-kind="quiet" href="/admin/audit">
          {t('title')}
        </PageLink>
      </PageHead>
      <RetentionForm retention={value} updatedAt={updatedAt} isReadOnly={!can('settings.write')} />
    </>
  );
}
