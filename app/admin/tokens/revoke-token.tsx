// Revokes one token, after asking.
'use client';
import { useTranslations } from 'next-intl';
import { ConfirmButton } from '../../ui/confirm-button.tsx';
import { revokeTokenAction } from './actions.ts';

export function RevokeToken({ id, name }: { id: string; name: string }) {
  const t = useTranslations('tokens');
  return (
    <ConfirmButton
      label={t('revoke')}
      kind="quiet"
      title={t('revokeTitle', { name })}
      confirmLabel={t('revokeConfirm')}
      action={() => revokeTokenAction(id)}
    >
      {t('revokeAbout')}
    </ConfirmButton>
  );
}
