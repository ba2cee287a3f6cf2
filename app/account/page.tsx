// Who am I here, on which devices am I signed in, and until when.
import type { Metadata } from 'next';
import { redirect } from 'next/navigation';
import { getTranslations } from 'next-intl/server';
import { may } from '#server/core/permission.ts';
import { readLauncher } from '#server/store/launcher.ts';
import { listLoginTokens } from '#server/store/login-tokens.ts';
import { portalContext } from '#server/store/portal-context.ts';
import { listSessions } from '#server/store/sessions.ts';
import { LOCAL_ISSUER } from '#server/store/words.ts';
import { LanguageChoice } from '../i18n/language-choice.tsx';
import { Texts } from '../i18n/texts.tsx';
import { currentActor, currentSession } from '../session/current.ts';
import { Shell } from '../shell/shell.tsx';
import { Until } from '../shell/until.tsx';
import { ConfirmButton } from '../ui/confirm-button.tsx';
import { PageHead } from '../ui/page-head.tsx';
import { SessionTable } from '../ui/session-table.tsx';
import { endMySessionAction, endOtherSessionsAction } from './actions.ts';
import { OpeningField } from './opening-field.tsx';
import { PasswordForm } from './password-form.tsx';

export async function generateMetadata(): Promise<Metadata> {
  return { title: (await getTranslations('account'))('title') };
}

export default async function AccountPage() {
  const [session, actor] = await Promise.all([currentSession(), currentActor()]);
  if (!session || !actor) redirect('/sign-in');
  const { name, email, role, groupNames, issuer, userId } = session.identity;
  const { store, now } = portalContext();
  const [sessions, loginTokens, { opening }, t, tc, ts] = await Promise.all([
    listSessions(store, actor, userId),
    listLoginTokens(store, actor),
    readLauncher(store, userId),
    getTranslations('account'),
    getTranslations('common'),
    getTranslations('shell.session'),
  ]);
  const facts = [
    [t('email'), email],
    [t('role'), t(`roles.${role}`)],
    [t('groups'), groupNames.join(', ') || tc('none')],
    [t('signsInWith'), issuer === LOCAL_ISSUER ? t('passwordHere') : issuer],
  ];
  const hasTokens = may(role, 'tokens.write', 'own') || loginTokens.length > 0;
  const idle = t('idle', { hours: Math.round(session.idleTimeoutMs / 3_600_000) });
  return (
    <Texts of={['common', 'shell', 'launcher', 'account', 'sessions', 'problems', 'offline']}>
      <Shell session={session} active="account">
        <main className="max-w-4xl">
          <PageHead title={name} />
          <dl className="card grid gap-x-8 gap-y-3 px-5 py-4 text-sm sm:grid-cols-[9rem_minmax(0,1fr)]">
            {facts.map(([term, value]) => (
              <div key={term} className="contents">
                <dt className="text-muted max-sm:-mb-3">{term}</dt>
                <dd className="break-words">{value}</dd>
              </div>
            ))}
            <dt className="text-muted max-sm:-mb-3">{t('until')}</dt>
            <dd>
              <Until at={session.expiresAt} readAt={now()} />, {idle}; {ts(session.kind)}
            </dd>
          </dl>
          <section className="mt-10">
            <div className="mb-3 flex flex-wrap items-center justify-between gap-3">
              <h2 className="font-medium">{t('sessions.title')}</h2>
              <div className="flex flex-wrap gap-2">
                <ConfirmButton
                  label={t('sessions.endOthers')}
                  kind="quiet"
                  title={t('sessions.endOthersTitle')}
                  confirmLabel={t('sessions.endOthersConfirm')}
                  action={endOtherSessionsAction}
                >
                  {t('sessions.endOthersText')} {hasTokens && t('sessions.tokensToo')}
                </ConfirmButton>
                <form method="post" action="/sign-out">
                  <input type="hidden" name="everywhere" value="yes" />
                  <button type="submit" className="button" data-kind="danger">
                    {t('sessions.endAll')}
                  </button>
                </form>
              </div>
            </div>
            {hasTokens && <p className="mb-3 text-sm text-muted">{t('sessions.tokensToo')}</p>}
            {sessions.kind === 'listed' && (
              <SessionTable sessions={sessions.rows} currentId={session.id} endAction={endMySessionAction} />
            )}
          </section>
          <section className="mt-10 max-w-sm">
            <h2 className="mb-3 font-medium">{t('preferences.title')}</h2>
            <OpeningField opening={opening} />
            <div className="mt-4">
              <LanguageChoice />
            </div>
          </section>
          {issuer === LOCAL_ISSUER && (
            <section className="mt-10 max-w-sm">
              <h2 className="mb-3 font-medium">{t('password.title')}</h2>
              <PasswordForm email={email} />
            </section>
          )}
        </main>
      </Shell>
    </Texts>
  );
}
