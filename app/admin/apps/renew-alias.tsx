// Gives an app a new alias, after saying what that breaks.
'use client';
import { useTranslations } from 'next-intl';
import { ConfirmButton } from '../../ui/confirm-button.tsx';
import { renewAliasAction } from './actions.ts';

export function RenewAlias({ appId }: { appId: string }) {
  const t = useTranslations('apps.records');
  return (
    <ConfirmButton
      label={t('renew')}
      kind="plain"
      title={t('renewTitle')}
      confirmLabel={t('renewConfirm')}
      action={() => renewAliasAction(appId)}
    >
      {t('renewAbout')}
    </ConfirmButton>
  );
}
