// The API tokens: one's own, or everybody's for whoever may see them.
import type { Metadata } from 'next';
import { getTranslations } from 'next-intl/server';
import { TOKEN_PREFIX } from '#server/core/api-token.ts';
import { may } from '#server/core/permission.ts';
import { listTokens, type TokenLine } from '#server/store/api-tokens.ts';
import { Empty } from '../../ui/empty.tsx';
import { PageHead } from '../../ui/page-head.tsx';
import { PageLink } from '../../ui/page-link.tsx';
import { Cell, Row, Table } from '../../ui/table.tsx';
import { Tag } from '../../ui/tag.tsx';
import { Time } from '../../ui/time.tsx';
import { enter, granted } from '../enter.ts';
import { type ListParams, listQuery } from '../list-query.ts';
import { Pager } from '../pager.tsx';
import { RevokeToken } from './revoke-token.tsx';

export async function generateMetadata(): Promise<Metadata> {
  return { title: (await getTranslations('tokens'))('title') };
}

export default async function TokensPage({ searchParams }: { searchParams: ListParams }) {
  const { store, actor, session } = await enter('tokens.read');
  const { page, offset, limit } = await listQuery(searchParams);
  const { rows, total } = granted(await listTokens(store, actor, { offset, limit }));
  const t = await getTranslations('tokens');
  const { role, userId } = session.identity;
  const seesAll = may(role, 'tokens.read');
  const mayRevoke = (token: TokenLine) => may(role, 'tokens.write') || token.owner.userId === userId;
  const heads = [t('name'), ...(seesAll ? [t('owner')] : []), t('scopes'), t('expires'), t('lastUsed'), ''];
  return (
    <>
      <PageHead title={t('title')} about={t('about')}>
        <PageLink className="button" data-kind="primary" href="/admin/tokens/new">
          {t('make')}
        </PageLink>
      </PageHead>
      {rows.length === 0 ? (
        <Empty title={t('none')}>{t('noneAbout')}</Empty>
      ) : (
        <Table label={t('title')} heads={heads}>
          {rows.map((token) => (
            <Row key={token.id}>
              <Cell>
                <div className="font-medium">{token.name}</div>
                <code className="text-[0.8125rem] whitespace-nowrap text-muted">
                  {TOKEN_PREFIX}…{token.hint}
                </code>
              </Cell>
              {seesAll && <Cell name={t('owner')}>{token.owner.name}</Cell>}
              <Cell name={t('scopes')} className="text-muted">
                <Scopes of={token} />
              </Cell>
              <Cell name={t('expires')}>
                {token.isExpired ? <Tag kind="warn">{t('expired')}</Tag> : <Time at={token.expiresAt} />}
              </Cell>
              <Cell name={t('lastUsed')} className="text-muted">
                {token.lastUsedAt === null ? (
                  t('never')
                ) : (
                  <>
                    <Time at={token.lastUsedAt} />
                    {token.lastUsedAddress && <div className="text-[0.8125rem]">{token.lastUsedAddress}</div>}
                  </>
                )}
              </Cell>
              <Cell className="md:text-end">{mayRevoke(token) && <RevokeToken id={token.id} name={token.name} />}</Cell>
            </Row>
          ))}
        </Table>
      )}
      <Pager total={total} page={page} search="" />
    </>
  );
}

function Scopes({ of: { scopes } }: { of: TokenLine }) {
  return (
    <ul className="flex flex-wrap gap-1">
      {scopes.map((scope) => (
        <li key={scope}>
          <Tag>{scope}</Tag>
        </li>
      ))}
    </ul>
  );
}
