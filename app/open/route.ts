// The portal's half of a first visit: who is this, may they, and if so a one-time code posted to the app's own host. Always 200.
import { createHash } from 'node:crypto';
import { getTranslations } from 'next-intl/server';
import { type Attempt, openAttempt } from '#server/core/attempt.ts';
import { authorize, permitOf } from '#server/core/authorize.ts';
import type { Session } from '#server/core/identity.ts';
import { appOrigin } from '#server/core/snapshot.ts';
import { recordAudit } from '#server/store/audit.ts';
import { mintCode } from '#server/store/codes.ts';
import { portalContext } from '#server/store/portal-context.ts';
import { pendingTerms } from '#server/store/terms.ts';
import { escapeHtml } from '../request/html.ts';
import { clientAddress, scriptNonce, supportId } from '../request/request-facts.ts';
import { liveSession } from '../session/live-session.ts';
import { openPage } from './page-frame.ts';
import { deniedPage, staleTryPage, unavailablePage } from './refusals.ts';
import { submitScript, toPageScript } from './scripts.ts';

const MAX_ROUND = 3;

export async function GET(request: Request): Promise<Response> {
  const { attemptKey, snapshot, feedConfirmedAt, now } = portalContext();
  const page = { nonce: scriptNonce(request.headers), supportId: supportId(request.headers) };
  const sealed = new URL(request.url).searchParams.get('try') ?? '';
  const attempt = openAttempt(attemptKey, sealed, now());
  if (!attempt) return staleTryPage({ ...page, attemptId: attemptId(sealed) });
  if (attempt.round > MAX_ROUND) return toDiagnosis('rounds', page);

  const session = await liveSession(request.headers);
  if (!session) return toSignIn(sealed, page);
  const current = snapshot();
  const app = current.appsById.get(attempt.appId);
  // An app that is gone, or no longer answers to this host, is refused like one that is not assigned.
  if (!app?.hosts.includes(attempt.host)) return denied('app-disabled');
  const proof = { kind: 'session', session, grantedAt: now() } as const;
  const decision = authorize(permitOf(current, app), app, proof, { feedConfirmedAt: feedConfirmedAt() }, now());
  switch (decision.kind) {
    case 'allow':
      if (await pendingTerms(portalContext().store, session.identity.userId)) return toTerms(sealed, page);
      return handOver(sealed, attempt, session, page);
    case 'sign-in':
      return toSignIn(sealed, page, { again: true });
    case 'deny':
      return denied(decision.reason);
    case 'unavailable':
      return unavailablePage(page);
    default:
      return decision satisfies never;
  }

  async function denied(reason: Parameters<typeof deniedPage>[0]['reason']): Promise<Response> {
    const { store } = portalContext();
    const { userId, email } = (session as Session).identity;
    const { appId, host } = attempt as Attempt;
    await recordAudit(store, [
      {
        at: now(),
        level: 'info',
        action: 'access-refused',
        actor: { userId, email },
        object: { kind: 'app', id: appId, name: app?.name ?? '' },
        outcome: 'refused',
        reason,
        supportId: page.supportId,
        address: clientAddress(request.headers),
        detail: { host },
      },
    ]);
    return deniedPage({ ...page, reason, host, email, sealed });
  }
}

type Page = { nonce: string; supportId: string | null };

async function handOver(sealed: string, attempt: Attempt, session: Session, page: Page): Promise<Response> {
  const { store, portal } = portalContext();
  const { appId, host, nonceHash } = attempt;
  const code = await mintCode(store, { sessionId: session.id, appId, host, nonceHash });
  if (!code) return toSignIn(sealed, page);
  const origin = appOrigin(portal, host);
  const t = await getTranslations('open');
  const script = submitScript({ attemptId: attemptId(sealed), host, diagnosisUrl: diagnosisUrl('loop', page) });
  return openPage({
    title: t('opening'),
    nonce: page.nonce,
    formAction: origin,
    body: `<form method="post" action="${escapeHtml(origin)}/.foyer/session">
<input type="hidden" name="code" value="${escapeHtml(code)}"><input type="hidden" name="try" value="${escapeHtml(sealed)}"><input type="hidden" name="fragment" value="">
<noscript><div class="notice"><h1>${escapeHtml(t('signedInHeading'))}</h1><p>${escapeHtml(t('goOnTo', { host }))}</p><button class="button" data-kind="primary">${escapeHtml(t('openApp'))}</button></div></noscript>
</form><script nonce="${page.nonce}">${script}</script>`,
  });
}

/** `again`: there is a session, and it is not enough for this app. */
async function toSignIn(sealed: string, page: Page, { again = false } = {}): Promise<Response> {
  const query = new URLSearchParams({ to: `/open?try=${sealed}`, ...(again ? { again: '1' } : {}) });
  return leaveFor(`/sign-in?${query}`, (await getTranslations('open'))('signIn'), sealed, page);
}

/** The person may open the app, once they have accepted the terms of use. */
async function toTerms(sealed: string, page: Page): Promise<Response> {
  const title = (await getTranslations('notices.terms'))('title');
  return leaveFor(`/terms?${new URLSearchParams({ to: `/open?try=${sealed}` })}`, title, sealed, page);
}

/** Goes on to a page of the portal that comes back here; the fragment waits in this tab. */
async function leaveFor(url: string, title: string, sealed: string, page: Page): Promise<Response> {
  const script = toPageScript({ attemptId: attemptId(sealed), url });
  return openPage({
    title,
    nonce: page.nonce,
    head: `<noscript><meta http-equiv="refresh" content="0;url=${escapeHtml(url)}"></noscript>`,
    body: `<script nonce="${page.nonce}">${script}</script>`,
  });
}

async function toDiagnosis(reason: string, page: Page): Promise<Response> {
  const t = await getTranslations('open');
  const url = escapeHtml(diagnosisUrl(reason, page));
  return openPage({
    title: t('failed'),
    nonce: page.nonce,
    head: `<meta http-equiv="refresh" content="0;url=${url}">`,
    body: `<div class="notice"><p><a href="${url}">${escapeHtml(t('why'))}</a></p></div>`,
  });
}

function diagnosisUrl(reason: string, page: Page): string {
  return `/diagnosis?${new URLSearchParams({ reason, ...(page.supportId ? { support: page.supportId } : {}) })}`;
}

/** What an attempt is called in sessionStorage; the `try` itself is a secret and stays out of it. */
function attemptId(sealed: string): string {
  return createHash('sha256').update(sealed).digest('base64url').slice(0, 16);
}
