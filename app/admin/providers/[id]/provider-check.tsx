// Whether a provider answers right now, as a sign-in would ask it: what is wrong with it is seen here, not by whoever signs in next.
import { getTranslations } from 'next-intl/server';
import type { ReactNode } from 'react';
import { portalContext } from '#server/store/portal-context.ts';
import { Tag } from '../../../ui/tag.tsx';

const KINDS = { answers: 'ok', silent: 'danger', 'bad-answer': 'danger', 'wrong-issuer': 'danger' } as const;

export async function ProviderCheck({ provider }: { provider: { name: string; issuer: string } }) {
  const t = await getTranslations('providers.check');
  const { outcome, detail } = await portalContext().knockProvider(provider);
  return (
    <CheckLine>
      <Tag kind={KINDS[outcome]}>{t(`${outcome}.short`)}</Tag> {t(`${outcome}.what`, { detail })}
    </CheckLine>
  );
}

/** While it is asked. */
export async function ProviderChecking() {
  const t = await getTranslations('providers.check');
  return <CheckLine>{t('asking')}</CheckLine>;
}

function CheckLine({ children }: { children: ReactNode }) {
  return (
    <p role="status" className="mb-6 text-sm break-words text-muted">
      {children}
    </p>
  );
}
