// Below the apps: who is signed in here, how, until when, and where to end it.
import { getTranslations } from 'next-intl/server';
import type { Session } from '#server/core/identity.ts';
import { portalContext } from '#server/store/portal-context.ts';
import { currentBrand } from '../brand/current-brand.ts';
import { SupportLink } from '../brand/support-link.tsx';
import { sessionFacts } from '../shell/session-facts.ts';
import { Until } from '../shell/until.tsx';
import { PageLink } from '../ui/page-link.tsx';

export async function SessionLine({ session }: { session: Session }) {
  const [t, common] = await Promise.all([getTranslations('shell.session'), getTranslations('common')]);
  const { support } = currentBrand();
  const facts = sessionFacts(session, portalContext().now());
  const { name, email, provider, kind, idleHours: hours, expiresAt, readAt } = facts;
  const how = provider === null ? t('password') : t('provider', { provider });
  const when = () => <Until at={expiresAt} readAt={readAt} />;
  return (
    <p className="mt-12 border-t border-line pt-4 text-[0.8125rem] text-muted">
      {t.rich('line', { name, email, how, where: t(kind), hours, until: () => t.rich('until', { when }) })}{' '}
      <PageLink href="/account" className="link underline">
        {t('end')}
      </PageLink>
      {support && (
        <span className="mt-1 block">
          {common('help')}: <SupportLink contact={support} />
        </span>
      )}
    </p>
  );
}
