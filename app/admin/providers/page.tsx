// How people sign in: with a password here, or with an OpenID Connect provider.
import type { Metadata } from 'next';
import { getTranslations } from 'next-intl/server';
import { listProviders } from '#server/store/providers.ts';
import { Empty } from '../../ui/empty.tsx';
import { PageHead } from '../../ui/page-head.tsx';
import { PageLink } from '../../ui/page-link.tsx';
import { Cell, Row, Table } from '../../ui/table.tsx';
import { Tag } from '../../ui/tag.tsx';
import { enter, granted } from '../enter.ts';

export async function generateMetadata(): Promise<Metadata> {
  return { title: (await getTranslations('providers'))('title') };
}

export default async function ProvidersPage() {
  const { store, actor, can } = await enter('providers.read');
  const { rows } = granted(await listProviders(store, actor));
  const t = await getTranslations('providers');
  return (
    <>
      <PageHead title={t('title')} about={t('about')}>
        {can('providers.write') && (
          <PageLink className="button" data-kind="primary" href="/admin/providers/new">
            {t('add')}
          </PageLink>
        )}
      </PageHead>
      {rows.length === 0 ? (
        <Empty title={t('none')}>{t('noneAbout')}</Empty>
      ) : (
        <Table label={t('label')} heads={[t('provider'), t('issuer'), t('whoMayEnter')]}>
          {rows.map((provider) => (
            <Row key={provider.id}>
              <Cell>
                <PageLink href={`/admin/providers/${provider.id}`} className="font-medium hover:underline">
                  {provider.name}
                </PageLink>{' '}
                {!provider.enabled && <Tag kind="warn">{t('off')}</Tag>}
              </Cell>
              <Cell name={t('issuer')} className="break-all text-muted">
                {provider.issuer}
              </Cell>
              <Cell name={t('whoMayEnter')} className="text-muted">
                {provider.allowedEmailDomains.length > 0
                  ? t('invitedAndDomains', { domains: provider.allowedEmailDomains.join(', ') })
                  : t('invitedOnly')}
              </Cell>
            </Row>
          ))}
        </Table>
      )}
    </>
  );
}
