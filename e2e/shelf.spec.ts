// What administrators put around the apps: collections, icons and details, notices, terms of use, and links that outlive a host name.
import AxeBuilder from '@axe-core/playwright';
import type { Page } from '@playwright/test';
import sharp from 'sharp';
import { expect, openApp, PHONE, signIn, test } from './system/journey.ts';

const names = (page: Page, heading: string) =>
  page.locator('section', { has: page.getByRole('heading', { name: heading, exact: true }) }).getByRole('link');

/** Of the whole page, dialogs and errors open as they are. */
async function expectNoFault(page: Page): Promise<void> {
  await expect(page).toHaveTitle(/./);
  for (const [width, colorScheme] of [
    [1440, 'light'],
    [360, 'dark'],
  ] as const) {
    await page.setViewportSize({ width, height: 900 });
    await page.emulateMedia({ colorScheme, reducedMotion: 'reduce' });
    const { violations } = await new AxeBuilder({ page }).analyze();
    expect.soft(violations.map(({ id, nodes }) => `${width} ${id}: ${nodes[0]?.html}`)).toEqual([]);
  }
  await page.setViewportSize({ width: 1280, height: 720 });
}

test('collections are made and ordered by keyboard, and show a person what is theirs', async ({ newPerson, demo }) => {
  test.slow();
  const admin = await newPerson(demo.admin);
  const make = async (name: string, ...apps: string[]) => {
    await admin.goto(`${demo.portalUrl}/admin/collections/new`);
    await admin.getByLabel('Name', { exact: true }).fill(name);
    const add = admin.getByLabel('Add an app');
    for (const app of apps) {
      await add.fill(app);
      await add.press('Enter');
      await expect(admin.getByRole('button', { name: `Remove ${app}` })).toBeVisible();
    }
    await admin.getByRole('button', { name: 'Add collection' }).click();
  };

  await test.step('two collections; a name that is taken is told beside it and nothing is lost', async () => {
    await make('Knowledge', 'Wiki', 'Mirror');
    await expect(admin).toHaveURL(`${demo.portalUrl}/admin/collections`);
    await make('KNOWLEDGE', 'Ops board');
    await expect(admin.getByLabel('Name', { exact: true })).toHaveAccessibleDescription(/Another collection/);
    await expect(admin.getByRole('button', { name: 'Remove Ops board' })).toBeVisible();
    await admin.getByLabel('Name', { exact: true }).fill('Operations');
    await admin.getByRole('button', { name: 'Add collection' }).click();
    await expect(admin).toHaveURL(`${demo.portalUrl}/admin/collections`);
  });

  await test.step('their order and that of their apps', async () => {
    const up = admin.getByRole('button', { name: 'Move Operations up' });
    await up.focus();
    await admin.keyboard.press('Enter');
    await expect(admin.getByText('Operations is number 1 of 2 now.')).toBeAttached();
    // The button stays where the focus is, although the way up has ended.
    await expect(up).toBeFocused();
    await admin.getByRole('link', { name: 'Knowledge' }).click();
    await admin.getByRole('button', { name: 'Move Mirror up' }).press('Enter');
    await expectNoFault(admin);
    await admin.getByRole('button', { name: 'Save' }).click();
    await expect(admin.getByText(/^Saved/)).toBeVisible();
  });

  await test.step('one person has both, another one only what is theirs', async () => {
    const member = await newPerson(demo.member);
    await expect(member.getByRole('heading', { level: 2 })).toHaveText(['Operations', 'Knowledge']);
    await expect(names(member, 'Knowledge')).toHaveText(['Mirror', 'Wiki']);
    await expectNoFault(member);
    const newcomer = await newPerson(demo.newcomer);
    await expect(newcomer.getByRole('heading', { level: 2 }).first()).toHaveText('Knowledge');
    await expect(names(newcomer, 'Knowledge')).toHaveText(['Wiki']);
    expect(await newcomer.content()).not.toMatch(/Operations|Mirror|Ops board/);
  });

  await test.step('deleted, their apps are among the others again', async () => {
    for (const name of ['Knowledge', 'Operations']) {
      await admin.goto(`${demo.portalUrl}/admin/collections`);
      await admin.getByRole('link', { name }).click();
      await admin.getByRole('button', { name: 'Delete collection' }).click();
      await admin.getByRole('alertdialog').getByRole('button', { name: 'Delete collection' }).click();
      await expect(admin).toHaveURL(`${demo.portalUrl}/admin/collections`);
    }
    await admin.goto(demo.portalUrl);
    await expect(admin.getByRole('heading', { level: 2 })).toHaveCount(0);
  });
});

test('an app gets a picture, a category and a way to get help; its people find them in its details', async ({
  newPerson,
  demo,
}) => {
  test.slow();
  const admin = await newPerson(demo.admin);
  await admin.goto(`${demo.portalUrl}/admin/apps`);
  await admin.getByRole('link', { name: 'Wiki', exact: true }).click();
  await expect(admin).toHaveURL(/\/admin\/apps\/[0-9a-f-]{36}$/);
  const page = admin.url();
  const picture = admin.locator('input[type=file]');
  const red = { create: { width: 300, height: 200, channels: 3, background: '#c02020' } } as const;

  await test.step('a file that is no picture is told, and the rest of the form stays', async () => {
    await admin.getByLabel('Category').fill('Knowledge');
    const svg = Buffer.from('<svg xmlns="http://www.w3.org/2000/svg"><script>alert(1)</script></svg>');
    await picture.setInputFiles({ name: 'logo.png', mimeType: 'image/png', buffer: svg });
    await expect(admin.getByText('This is no picture that can be read.')).toBeVisible();
    await picture.setInputFiles({ name: 'big.png', mimeType: 'image/png', buffer: Buffer.alloc(1_100_000) });
    await expect(admin.getByText('This file is larger than 1 MB.')).toBeVisible();
    await expect(admin.getByLabel('Category')).toHaveValue('Knowledge');
  });

  await test.step('a real one is chosen at once, and saved with the app', async () => {
    await picture.setInputFiles({ name: 'a', mimeType: 'image/jpeg', buffer: await sharp(red).jpeg().toBuffer() });
    await expect(admin.getByRole('radio', { name: 'Your picture' })).toBeChecked();
    await admin.getByLabel('Support').fill('javascript:alert(1)');
    await admin.getByRole('button', { name: 'Save' }).click();
    await expect(admin.getByLabel('Support')).toHaveAccessibleDescription(/no way to get help/);
    await expect(admin.getByRole('radio', { name: 'Your picture' })).toBeChecked();
    await admin.getByLabel('Support').fill('help@corp.example');
    await admin.getByRole('button', { name: 'Save' }).click();
    await expect(admin.getByText(/^Saved/)).toBeVisible();
  });

  await test.step('its people see it, and reach the details by keyboard', async () => {
    const newcomer = await newPerson(demo.newcomer);
    const icon = newcomer.getByRole('listitem').locator('img');
    await expect(icon).toHaveJSProperty('complete', true);
    await expect(icon).toHaveJSProperty('naturalWidth', 128);
    const about = newcomer.getByRole('button', { name: 'About Wiki' });
    await expect(newcomer.getByRole('link', { name: 'Wiki' })).toHaveAttribute('target', '_blank');
    await about.focus();
    await newcomer.keyboard.press('Enter');
    const dialog = newcomer.getByRole('dialog', { name: 'Wiki' });
    await expect(dialog.getByText('Pages that everybody writes')).toBeVisible();
    await expect(dialog.getByRole('link', { name: 'help@corp.example' })).toHaveAttribute(
      'href',
      'mailto:help@corp.example',
    );
    await expect(dialog.getByText('Knowledge')).toBeVisible();
    await expectNoFault(newcomer);
    await newcomer.keyboard.press('Escape');
    await expect(about).toBeFocused();
  });

  await test.step('where something is wrong, the details lead to the app’s path', async () => {
    const newcomer = await newPerson(demo.newcomer);
    await newcomer.getByRole('button', { name: 'About Wiki' }).click();
    await newcomer.getByRole('link', { name: 'Something wrong? See the path' }).click();
    await expect(newcomer).toHaveURL(/\/path\/[0-9a-f-]{36}$/);
    await expect(newcomer.getByRole('heading', { level: 1 })).toContainText('Wiki');
  });

  await test.step('a shipped one in its place', async () => {
    await admin.goto(page);
    await admin.getByRole('radio', { name: 'Book' }).check({ force: true });
    await admin.getByLabel('Category').fill('');
    await admin.getByLabel('Support').fill('');
    await admin.getByRole('button', { name: 'Save' }).click();
    await expect(admin.getByText(/^Saved/)).toBeVisible();
  });
});

test('apps open in a new tab on a desktop, in the same window on a phone, and otherwise as the person says', async ({
  newPerson,
  demo,
}) => {
  const desktop = await newPerson(demo.newcomer);
  const tab = await openApp(desktop, 'Wiki');
  await expect(tab).toHaveURL(demo.url('wiki', '/pages/welcome'));
  expect(await tab.evaluate(() => window.opener)).toBeNull();
  // The state of the app is what people did with it.
  await expect(async () => {
    await desktop.reload();
    await expect(desktop.getByText(/^Last used/)).toBeVisible({ timeout: 500 });
  }).toPass({ timeout: 20_000 });

  const phone = await newPerson(demo.newcomer, PHONE);
  const link = phone.getByRole('link', { name: 'Wiki' });
  await expect(phone.getByRole('searchbox')).toHaveAttribute('aria-keyshortcuts', '/');
  await expect(link).not.toHaveAttribute('target');
  await phone.goto(`${demo.portalUrl}/account`);
  await phone.getByLabel('Apps open').selectOption('in a new tab');
  await expect(phone.getByText('Kept')).toBeVisible();
  await phone.goto(demo.portalUrl);
  await expect(link).toHaveAttribute('target', '_blank');
  await expect(link).toHaveAttribute('rel', 'noopener');

  await desktop.goto(`${demo.portalUrl}/account`);
  await desktop.getByLabel('Apps open').selectOption('in this window');
  await expect(desktop.getByText('Kept')).toBeVisible();
  await desktop.goto(demo.portalUrl);
  await desktop.getByRole('link', { name: 'Wiki' }).click();
  await expect(desktop).toHaveURL(demo.url('wiki', '/pages/welcome'));
  await desktop.goto(`${demo.portalUrl}/account`);
  await desktop.getByLabel('Apps open').selectOption('as suits the device');
  await expect(desktop.getByText('Kept')).toBeVisible();
});

test('a link by an app’s name goes to where it is, with path, query and fragment, through sign-in as well', async ({
  page,
  newPerson,
  demo,
}) => {
  const target = demo.url('mirror', '/deep?a=b#over-here');
  const member = await newPerson(demo.member);
  await member.goto(`${demo.portalUrl}/go/mirror/deep?a=b#over-here`);
  await expect(member).toHaveURL(target);
  await expect(member.getByText('GET /deep?a=b HTTP/1.1')).toBeVisible();

  await page.goto(`${demo.portalUrl}/go/Mirror/deep?a=b#over-here`);
  await signIn(page, demo.member);
  await expect(page).toHaveURL(target);

  // Not theirs: as if it were not there.
  const newcomer = await newPerson(demo.newcomer);
  await newcomer.goto(`${demo.portalUrl}/go/ops-board/x`);
  await expect(newcomer.getByText('No app of yours is called “ops board”.')).toBeVisible();
  await expect(newcomer.getByRole('searchbox')).toHaveValue('ops board');
});

test('a notice is read, put away and stays away; terms of use are accepted once, before anything opens', async ({
  newPerson,
  demo,
}) => {
  test.slow();
  const admin = await newPerson(demo.admin);
  const notice = async (text: string, ...choices: (() => Promise<void>)[]) => {
    await admin.goto(`${demo.portalUrl}/admin/notices/new`);
    await admin.getByLabel('Text').fill(text);
    for (const choose of choices) await choose();
    await admin.getByRole('button', { name: 'Add notice' }).click();
  };

  await test.step('what nobody would see is refused beside its field', async () => {
    await notice('', () => admin.getByRole('radio', { name: 'People in these groups' }).check());
    await expect(admin.getByLabel('Text')).toHaveAccessibleDescription(/Write it/);
    await expectNoFault(admin);
  });

  await notice('Cake in the kitchen');
  await expect(admin).toHaveURL(`${demo.portalUrl}/admin/notices`);
  await notice('The network rests tonight', async () => {
    await admin.getByLabel('Level').selectOption('Warning');
    await admin.getByLabel('Nobody can put it away').check();
  });
  await expect(admin).toHaveURL(`${demo.portalUrl}/admin/notices`);

  const person = await newPerson(demo.newcomer);
  const notices = person.getByRole('region', { name: 'Notices' }).getByRole('listitem');
  await expect(notices).toHaveText(['The network rests tonight', 'Cake in the kitchen']);
  await expectNoFault(person);
  await expect(person.getByRole('searchbox')).toHaveAttribute('aria-keyshortcuts', '/');
  const kept = person.waitForResponse((response) => response.request().method() === 'POST');
  await person.getByRole('button', { name: 'Put this notice away' }).click();
  await expect(notices).toHaveText(['The network rests tonight']);
  await kept;
  await person.reload();
  await expect(notices).toHaveText(['The network rests tonight']);

  const publish = async (text: string) => {
    await admin.goto(`${demo.portalUrl}/admin/notices`);
    await admin.getByLabel('Text').fill(text);
    await admin.getByRole('button', { name: 'Publish' }).click();
    await admin.getByRole('alertdialog').getByRole('button', { name: 'Publish' }).click();
    await expect(admin.getByRole('alertdialog')).toBeHidden();
  };
  await publish('Use these apps for your work.');
  await person.goto(demo.url('wiki', '/pages?a=b#kept'));
  await expect(person.getByRole('heading', { name: 'Terms of use' })).toBeVisible();
  await expect(person.getByText('Use these apps for your work.')).toBeVisible();
  await expectNoFault(person);
  await person.getByRole('button', { name: 'I accept these terms' }).click();
  await expect(person).toHaveURL(demo.url('wiki', '/pages?a=b#kept'));
  await person.goto(demo.portalUrl);
  await expect(person.getByRole('heading', { name: 'Your apps' })).toBeVisible();

  await publish('');
  for (const text of ['Cake in the kitchen', 'The network rests tonight']) {
    await admin.goto(`${demo.portalUrl}/admin/notices`);
    await admin.getByRole('link', { name: text }).click();
    await admin.getByRole('button', { name: 'Delete notice' }).click();
    await admin.getByRole('alertdialog').getByRole('button', { name: 'Delete notice' }).click();
    await expect(admin).toHaveURL(`${demo.portalUrl}/admin/notices`);
  }
});
