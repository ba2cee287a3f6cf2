// The tokens that command lines of one's own sign in with; each can be revoked.
'use client';
import { useTranslations } from 'next-intl';
import type { LoginToken } from '#server/store/login-tokens.ts';
import { ConfirmButton } from '../ui/confirm-button.tsx';
import { Cell, Row, Table } from '../ui/table.tsx';
import { Time } from '../ui/time.tsx';
import { revokeLoginTokenAction } from './actions.ts';

export function LoginTokenTable({ tokens }: { tokens: readonly LoginToken[] }) {
  const t = useTranslations('machines');
  return (
    <section aria-labelledby="login-tokens" className="mt-10">
      <h2 id="login-tokens" className="font-medium">
        {t('tokens')}
      </h2>
      <p className="mt-1 mb-3 text-sm text-muted">{t('tokensAbout')}</p>
      <Table label={t('tokens')} heads={[t('token'), t('made'), t('expires'), t('lastUsed'), '']}>
        {tokens.map((token) => (
          <Row key={token.id}>
            <Cell>
              <code className="text-[0.8125rem] whitespace-nowrap">foyer_…{token.hint}</code>
            </Cell>
            <Cell name={t('made')} className="text-muted">
              <Time at={token.createdAt} />
            </Cell>
            <Cell name={t('expires')} className="text-muted">
              <Time at={token.expiresAt} />
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
            <Cell className="md:text-end">
              <ConfirmButton
                label={t('revoke')}
                kind="quiet"
                title={t('revokeTitle')}
                confirmLabel={t('revokeConfirm')}
                action={() => revokeLoginTokenAction(token.id)}
              >
                {t('revokeAbout')}
              </ConfirmButton>
            </Cell>
          </Row>
        ))}
      </Table>
    </section>
  );
}
