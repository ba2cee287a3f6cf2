// The pages of /open for people who go no further: what was refused, why, and what to do. No app's name stands on them.
import type { DenyReason } from '#server/core/authorize.ts';
import { escapeHtml } from '../request/html.ts';
import { notice, openPage } from './page-frame.ts';

type Page = { nonce: string; supportId: string | null };

const LAUNCHER = '<a class="button" href="/">Go to your apps</a>';

const REASON_SENTENCES: Record<DenyReason, string> = {
  'not-assigned': 'You are signed in, but this app is not assigned to you.',
  'app-disabled': 'This app is not available at the moment: it was switched off or moved.',
  'app-moved': 'This app was moved while you were opening it.',
  'user-disabled': 'Your account is switched off.',
};

const REASON_ADVICE: Record<DenyReason, string> = {
  'not-assigned':
    'Ask the person who runs the app, or an administrator, to assign it to you; or sign in with another account.',
  'app-disabled': 'Try again later, or ask the person who runs the app.',
  'app-moved': 'Open it again from your launcher.',
  'user-disabled': 'Ask an administrator to switch it on again.',
};

export function deniedPage(page: Page & { reason: DenyReason; host: string; email: string; sealed: string }): Response {
  const { reason, host, email, sealed } = page;
  const body = notice({
    title: 'You cannot open this app',
    paragraphs: [REASON_SENTENCES[reason], REASON_ADVICE[reason]],
    facts: [
      ['Signed in as', escapeHtml(email)],
      ['Address', escapeHtml(host)],
      ['Reason', `<code>${reason}</code>`],
    ],
    actions: [
      '<a class="button" data-kind="primary" href="/">Go to your apps</a>',
      `<form method="post" action="/sign-out"><input type="hidden" name="to" value="${escapeHtml(`/open?try=${sealed}`)}"><button class="button">Use another account</button></form>`,
    ],
    supportId: page.supportId,
  });
  return openPage({ title: 'Access refused', nonce: page.nonce, body });
}

export function staleTryPage(page: Page): Response {
  const body = notice({
    title: 'This link is no longer good',
    paragraphs: [
      'Opening an app leads through this page for a moment. The link that brought you here is older than ten minutes, or incomplete.',
      'Open the app again, from its own address or from your launcher.',
    ],
    actions: [LAUNCHER],
    supportId: page.supportId,
  });
  return openPage({ title: 'This link is no longer good', nonce: page.nonce, body });
}

export function unavailablePage(page: Page): Response {
  const body = notice({
    title: 'Access cannot be decided right now',
    paragraphs: ['Foyer cannot confirm its rules, so nobody is let in. It tries again by itself; reload in a minute.'],
    actions: ['<a class="button" data-kind="primary" href="">Reload</a>', LAUNCHER],
    supportId: page.supportId,
  });
  return openPage({ title: 'Not available', nonce: page.nonce, body });
}
