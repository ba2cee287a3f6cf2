// An API token, made as people make one.
import { expect, type Page } from '@playwright/test';
import type { Demo } from './journey.ts';

/** With every permission that the form offers. */
export async function makeToken(page: Page, demo: Demo, name: string): Promise<string> {
  await page.goto(`${demo.portalUrl}/admin/tokens/new`);
  await page.getByLabel('Name', { exact: true }).fill(name);
  for (const box of await page.getByRole('checkbox').all()) {
    await box.check();
  }
  await page.getByRole('button', { name: 'Make token' }).click();
  await expect(page.getByRole('heading', { name: 'Copy the token now' })).toBeFocused();
  return (await page.getByText(/^foyer_[A-Za-z0-9_-]{49}$/).textContent()) ?? '';
}
