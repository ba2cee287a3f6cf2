// The pages of /open for people who go no further: what was refused, why, and what to do. No app's name stands on them.

import { getTranslations } from 'next-intl/server';
import type { DenyReason } from '#server/core/authorize.ts';
import { escapeHtml } from '../request/html.ts';
import { notice, openPage } from './page-frame.ts';
import { passedOver } from './scripts.ts';

type Page = { nonce: string; supportId: string | null };

async function texts() {
  const [t, common] = await Promise.all([getTranslations('open'), getTranslations('common')]);
  const toApps = (kind: string) => `<a class="button"${kind} href="/">${escapeHtml(common('goToApps'))}</a>`;
  return { t, toApps };
}

const PRIMARY = ' data-kind="primary"';

export async function deniedPage(
  page: Page & { reason: DenyReason; host: string; email: string; sealed: string },
): Promise<Response> {
  const { reason, host, email, sealed } = page;
  const { t, toApps } = await texts();
  const to = escapeHtml(`/open?try=${sealed}`);
  const body = await notice({
    title: t('deniedHeading'),
    paragraphs: [escapeHtml(t(`reason.${reason}`)), escapeHtml(t(`advice.${reason}`))],
    facts: [
      [escapeHtml(t('signedInAs')), escapeHtml(email)],
      [escapeHtml(t('address')), escapeHtml(host)],
      [escapeHtml(t('reasonLabel')), `<code>${reason}</code>`],
    ],
    actions: [
      toApps(PRIMARY),
      `<form method="post" action="/sign-out"><input type="hidden" name="to" value="${to}"><button class="button">${escapeHtml(t('anotherAccount'))}</button></form>`,
    ],
    supportId: page.supportId,
  });
  return openPage({ title: t('deniedTitle'), nonce: page.nonce, body });
}

export async function staleTryPage(page: Page & { attemptId: string }): Promise<Response> {
  const { t, toApps } = await texts();
  const body = await notice({
    title: t('stale.title'),
    paragraphs: [escapeHtml(t('stale.first')), escapeHtml(t('stale.second'))],
    actions: [toApps('')],
    supportId: page.supportId,
  });
  const script = `<script nonce="${page.nonce}">${passedOver(page)}</script>`;
  return openPage({ title: t('stale.title'), nonce: page.nonce, body: script + body });
}

export async function unavailablePage(page: Page): Promise<Response> {
  const { t, toApps } = await texts();
  const body = await notice({
    title: t('unavailable.heading'),
    paragraphs: [escapeHtml(t('unavailable.about'))],
    actions: [`<a class="button"${PRIMARY} href="">${escapeHtml(t('unavailable.reload'))}</a>`, toApps('')],
    supportId: page.supportId,
  });
  return openPage({ title: t('unavailable.title'), nonce: page.nonce, body });
}
