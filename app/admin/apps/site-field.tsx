// The site that an app lives in.
'use client';
import { useTranslations } from 'next-intl';
import { SelectField } from '../../ui/field.tsx';
import type { Choice } from './app-choices.ts';

type Props = { sites: readonly Choice[]; siteId: string | undefined; error: string | undefined };

export function SiteField({ sites, siteId, error }: Props) {
  const t = useTranslations('apps.form');
  return (
    <>
      <SelectField label={t('site')} name="siteId" defaultValue={siteId ?? sites[0]?.id} error={error}>
        {sites.length === 0 && <option value="">{t('noSite')}</option>}
        {sites.map(({ id, name }) => (
          <option key={id} value={id}>
            {name}
          </option>
        ))}
      </SelectField>
      {sites.length === 0 && (
        <p className="text-sm text-muted">
          <a className="link" href="/admin/sites/new">
            {t('addSite')}
          </a>
        </p>
      )}
    </>
  );
}
