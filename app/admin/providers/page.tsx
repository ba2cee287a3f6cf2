// How people sign in: with a password here, or with an OpenID Connect provider.
import type { Metadata } from 'next';
import { listProviders } from '#server/store/providers.ts';
import { Empty } from '../../ui/empty.tsx';
import { PageHead } from '../../ui/page-head.tsx';
import { PageLink } from '../../ui/page-link.tsx';
import { Cell, Row, Table } from '../../ui/table.tsx';
import { Tag } from '../../ui/tag.tsx';
import { enter, granted } from '../enter.ts';

export const metadata: Metadata = { title: 'Sign-in' };

export default async function ProvidersPage() {
  const { store, actor, can } = await enter('providers.read');
  const { rows } = granted(await listProviders(store, actor));
  return (
    <>
      <PageHead
        title="Sign-in"
        about="Besides passwords kept here, people can sign in with OpenID Connect: Entra ID, Google, Okta, Keycloak and others."
      >
        {can('providers.write') && (
          <PageLink className="button" data-kind="primary" href="/admin/providers/new">
            Add provider
          </PageLink>
        )}
      </PageHead>
      {rows.length === 0 ? (
        <Empty title="No provider yet">People sign in with the password of their account here.</Empty>
      ) : (
        <Table label="Providers" heads={['Provider', 'Issuer', 'Who may enter']}>
          {rows.map((provider) => (
            <Row key={provider.id}>
              <Cell>
                <PageLink href={`/admin/providers/${provider.id}`} className="font-medium hover:underline">
                  {provider.name}
                </PageLink>{' '}
                {!provider.enabled && <Tag kind="warn">off</Tag>}
              </Cell>
              <Cell name="Issuer" className="break-all text-muted">
                {provider.issuer}
              </Cell>
              <Cell name="Who may enter" className="text-muted">
                {provider.allowedEmailDomains.length > 0
                  ? `Invited people, and verified e-mail at ${provider.allowedEmailDomains.join(', ')}`
                  : 'Invited people only'}
              </Cell>
            </Row>
          ))}
        </Table>
      )}
    </>
  );
}
