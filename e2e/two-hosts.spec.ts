// An app with two hosts is one app: both hold a grant before its page opens, and they may talk to each other.
import { expect, signIn, test } from './system/journey.ts';

test('an image and a script call reach the second host at the very first visit', async ({ page, demo }) => {
  const refused: string[] = [];
  page.on('response', (response) => {
    if (response.status() >= 400 && !response.url().endsWith('/favicon.ico'))
      refused.push(`${response.status()} ${response.url()}`);
  });
  await page.goto(demo.url('wiki', '/attachments#files'));
  await signIn(page, demo.member);
  await expect(page).toHaveURL(demo.url('wiki', '/attachments#files'));
  await expect(page.getByRole('link', { name: 'handbook.txt' })).toBeVisible();
  const image = page.getByRole('img', { name: 'Floor plan' });
  await expect
    .poll(() => image.evaluate((element) => element instanceof HTMLImageElement && element.naturalWidth))
    .toBeGreaterThan(0);
  expect(refused).toEqual([]);
  const names = (await page.context().cookies([demo.url('wiki'), demo.url('wiki-files')])).map(
    ({ name, domain }) => `${domain} ${name}`,
  );
  expect(names).toContain(`${demo.host('wiki')} __Host-foyer-grant`);
  expect(names).toContain(`${demo.host('wiki-files')} __Host-foyer-grant`);
});

test('C15: a preflight between the hosts of one app is answered, so that a script may delete', async ({
  newPerson,
  demo,
}) => {
  const page = await newPerson(demo.member);
  await page.goto(demo.url('wiki', '/attachments'));
  await page.getByLabel('File').setInputFiles({ name: 'old.txt', mimeType: 'text/plain', buffer: Buffer.from('old') });
  await page.getByRole('button', { name: 'Upload' }).click();
  await expect(page.getByRole('link', { name: 'old.txt' })).toBeVisible();
  await page.getByRole('button', { name: 'Delete old.txt' }).click();
  await expect(page.getByRole('link', { name: 'old.txt' })).toBeHidden();
});

test('C15: another app’s page gets no answer from this app’s hosts', async ({ newPerson, demo }) => {
  const page = await newPerson(demo.member);
  await page.goto(demo.url('wiki', '/attachments'));
  await expect(page.getByRole('link', { name: 'handbook.txt' })).toBeVisible();
  await page.goto(demo.url('mirror'));
  const outcome = await page.evaluate(
    (url) =>
      fetch(url, { method: 'DELETE', credentials: 'include' }).then(
        (response) => response.status,
        () => 'refused',
      ),
    demo.url('wiki-files', '/handbook.txt'),
  );
  expect(outcome).toBe('refused');
});
