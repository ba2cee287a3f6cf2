// The addresses of every portal page, for tests that promise something of all of them.
import type { Page } from '@playwright/test';

export const PUBLIC_PAGES = [
  '/sign-in',
  '/sign-in?problem=throttled&wait=90',
  '/sign-in/cookies',
  '/sign-in/problem',
  '/diagnosis?reason=loop&support=ABCDEFGHIJ',
  '/setup?token=used',
  '/open?try=old',
];

export const SIGNED_IN_PAGES = [
  '/',
  '/account',
  '/machines',
  '/sign-in/device',
  '/sign-in/device?code=WDJB-MJHT',
  '/admin',
  '/admin?range=hour',
  '/admin/apps',
  '/admin/apps/new',
  '/admin/apps/publish',
  '/admin/apps/deleted',
  '/admin/apps?state=off&q=none',
  '/admin/collections',
  '/admin/collections/new',
  '/admin/notices',
  '/admin/notices/new',
  '/admin/names',
  '/admin/sites',
  '/admin/sites/new',
  '/admin/users',
  '/admin/users/new',
  '/admin/groups',
  '/admin/groups/new',
  '/admin/providers',
  '/admin/providers/new',
  '/admin/sessions',
  '/admin/sessions/streams',
  '/admin/audit',
  '/admin/gateways',
  '/admin/settings',
  '/admin/tokens',
  '/admin/machines',
  '/admin/tokens/new',
  '/path/wiki.corp.localhost',
  '/admin/audit?from=2026-01-01T00:00:00.000Z&outcome=done',
  '/admin/audit/ABCDEFGHJKMNP',
  '/admin/audit/retention',
  '/nowhere',
];

/** What the browser complains about while pages are open; answers that are refusals on purpose are no complaint. */
export function collectComplaints(page: Page): string[] {
  const complaints: string[] = [];
  page.on('pageerror', (error) => complaints.push(`${page.url()}: ${error.message}`));
  page.on('console', (message) => {
    const isRefusal = /Failed to load resource: the server responded with a status of (401|403|404)/.test(
      message.text(),
    );
    if (['error', 'warning'].includes(message.type()) && !isRefusal)
      complaints.push(`${page.url()}: ${message.text()}`);
  });
  return complaints;
}
