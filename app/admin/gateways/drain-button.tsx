// Takes a node out of the cluster's answers, or back in, after saying what that does and what it does not.
'use client';
import { useTranslations } from 'next-intl';
import { ConfirmButton } from '../../ui/confirm-button.tsx';
import { drainNodeAction } from './actions.ts';

type Props = { number: number; isDrained: boolean; isLoadBalancer: boolean };

export function DrainButton({ number, isDrained, isLoadBalancer }: Props) {
  const t = useTranslations('gateways');
  const word = isDrained ? 'undrain' : 'drain';
  return (
    <ConfirmButton
      label={t(word)}
      kind="plain"
      title={t(`${word}Title`, { number })}
      confirmLabel={t(`${word}Confirm`)}
      action={() => drainNodeAction(number, !isDrained)}
    >
      <p>{t(`${word}About`)}</p>
      {!isDrained && isLoadBalancer && <p className="mt-2">{t('drainLoadBalancer')}</p>}
    </ConfirmButton>
  );
}
