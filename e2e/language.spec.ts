// Every page that people see speaks their language and wears their company's look, the gateway's own included.
import AxeBuilder from '@axe-core/playwright';
import sharp from 'sharp';
import { expect, signIn, test } from './system/journey.ts';

const GREEN = 'rgb(0, 102, 51)';

test('German is spoken from sign-in to the gateway’s own pages, until English is chosen', async ({ browser, demo }) => {
  const context = await browser.newContext({ locale: 'de-DE', timezoneId: 'Europe/Berlin' });
  const page = await context.newPage();
  try {
    await page.goto(`${demo.portalUrl}/sign-in`);
    await expect(page.locator('html')).toHaveAttribute('lang', 'de');
    await page.getByLabel('E-Mail').fill(demo.newcomer.email);
    await page.getByLabel('Passwort').fill('not it');
    await page.getByRole('button', { name: 'Anmelden' }).click();
    await expect(page.getByRole('alert').first()).toHaveText(
      'E-Mail oder Passwort stimmt nicht. Prüfen Sie beides und versuchen Sie es erneut.',
    );
    await page.getByLabel('Passwort').fill(demo.newcomer.password);
    await page.getByRole('button', { name: 'Anmelden' }).click();
    await expect(page).toHaveURL(`${demo.portalUrl}/`);
    await expect(page.locator('html')).toHaveAttribute('lang', 'de');

    await page.goto(demo.url('nothing-here'));
    await expect(page.locator('html')).toHaveAttribute('lang', 'de');
    await expect(page.getByRole('heading')).toHaveText('Unter dieser Adresse gibt es keine App');
    await page.goto(demo.url('mirror'));
    await expect(page.getByRole('heading')).toHaveText('Sie können diese App nicht öffnen');
    const { violations } = await new AxeBuilder({ page }).analyze();
    expect(violations).toEqual([]);

    await page.goto(`${demo.portalUrl}/sign-in?again=1`);
    await page.getByLabel('Sprache').selectOption('English');
    await expect(page.getByRole('button', { name: 'Sign in' })).toBeVisible();
    await page.goto(demo.url('mirror'));
    await expect(page.getByRole('heading')).toHaveText('You cannot open this app');
  } finally {
    await context.close();
  }
});

test('the company’s name, colour and support contact are on every page, and no colour is let in that cannot be read', async ({
  newPerson,
  demo,
}) => {
  const admin = await newPerson(demo.admin);
  await admin.goto(`${demo.portalUrl}/admin/settings`);
  const accent = admin.getByRole('textbox', { name: /^Accent colour/ });
  const look = admin.locator('form', { has: accent });
  await admin.getByLabel('Company name').fill('Example Ltd');
  await accent.fill('#8f8');
  await expect(admin.getByText(/hard to read \(contrast 1\.\d/)).toBeVisible();
  await look.getByRole('button', { name: 'Save' }).click();
  await expect(accent).toHaveAccessibleDescription(/#\w{6} is the nearest/);
  await expect(admin.getByLabel('Company name')).toHaveValue('Example Ltd');
  await accent.fill('#063');
  await admin.getByLabel('Support contact').fill('help@corp.example');
  const logo = await sharp({ create: { width: 600, height: 150, channels: 3, background: '#063' } })
    .png()
    .toBuffer();
  const file = admin.locator('input[type=file]');
  await file.setInputFiles({ name: 'logo.png', mimeType: 'image/png', buffer: Buffer.from('<svg onload=alert(1)>') });
  await expect(admin.getByText('This is no PNG, JPEG, WebP or GIF.')).toBeVisible();
  await file.setInputFiles({ name: 'logo.png', mimeType: 'image/png', buffer: logo });
  await expect(admin.getByRole('button', { name: 'Choose another…' })).toBeVisible();
  await look.getByRole('button', { name: 'Save' }).click();
  await expect(admin.getByText('Saved. Live everywhere.')).toBeVisible();

  const page = await newPerson(demo.newcomer);
  await expect(page.locator('header').getByText('Example Ltd')).toBeVisible();
  await page.goto(`${demo.portalUrl}/sign-in?again=1`);
  await expect(page.getByRole('heading')).toHaveText('Sign in to Example Ltd');
  await expect(page.getByRole('button', { name: 'Sign in' })).toHaveCSS('background-color', GREEN);
  await expect(page.getByRole('link', { name: 'help@corp.example' })).toHaveAttribute(
    'href',
    'mailto:help@corp.example',
  );
  await page.evaluate(() => navigator.serviceWorker.ready);
  await page.reload();
  await page.context().setOffline(true);
  await page.goto(`${demo.portalUrl}/account`);
  await expect(page.getByRole('heading')).toHaveText('This device is offline');
  await expect(page).toHaveTitle('This device is offline · Example Ltd');
  await expect(page.getByRole('button', { name: 'Try again' })).toHaveCSS('background-color', GREEN);
  await page.context().setOffline(false);
  // It goes on by itself, so the journey does too, in a tab that nothing else leads.
  await expect(page.getByRole('heading', { level: 1 })).not.toHaveText('This device is offline');
  const other = await page.context().newPage();
  await other.goto(demo.url('nothing-here'));
  await expect(other).toHaveTitle('There is no app at this address · Example Ltd');
  await expect(other.getByRole('link', { name: 'Go to your apps' })).toHaveCSS('background-color', GREEN);
  await expect(other.getByRole('link', { name: 'help@corp.example' })).toBeVisible();
  await expect(other.getByRole('img', { name: 'Example Ltd' })).toHaveJSProperty('naturalWidth', 480);
  await other.goto(demo.url('mirror'));
  await expect(other.getByRole('link', { name: 'Go to your apps' })).toHaveCSS('background-color', GREEN);

  await look.getByRole('button', { name: 'Remove' }).click();
  for (const label of ['Company name', 'Accent colour', 'Support contact']) {
    await admin.getByRole('textbox', { name: new RegExp(`^${label}`) }).fill('');
  }
  await look.getByRole('button', { name: 'Save' }).click();
  await expect(admin.getByText('Saved. Live everywhere.')).toBeVisible();
});

test('a page is written as its reader’s browser would write it, so that nothing moves once its script runs', async ({
  newPerson,
  demo,
}) => {
  const ada = await newPerson(undefined, { locale: 'en-GB', timezoneId: 'Pacific/Auckland' });
  // The page of sign-in is where a browser first says which zone it is in.
  await ada.goto(demo.portalUrl);
  await signIn(ada, demo.admin);
  await expect(ada.getByRole('heading', { name: 'Your apps' })).toBeVisible();
  const received = await ada.goto(`${demo.portalUrl}/admin/sessions`);
  const written = [...((await received?.text()) ?? '').matchAll(/<time [^>]*>([^<]+)</g)].map(([, text]) => text);
  expect(written.length).toBeGreaterThan(2);
  await expect(ada.getByText('Ctrl K')).toBeVisible();
  await expect(ada.locator('time')).toHaveText(written as string[]);
});
