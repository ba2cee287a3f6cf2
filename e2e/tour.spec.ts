// The tour that README.md promises: sign in, see only your apps, and use each of them as on its own network.
import { readFile } from 'node:fs/promises';
import { expect, openApp, signIn, test } from './system/journey.ts';

test('a person sees the apps that are theirs, and no trace of others', async ({ page, demo }) => {
  await page.goto(demo.portalUrl);
  await signIn(page, demo.newcomer);
  await expect(page.getByRole('heading', { name: 'Your apps' })).toBeVisible();
  await expect(page.getByRole('listitem')).toHaveCount(1);
  await expect(page.getByRole('link', { name: /Wiki/ })).toBeVisible();
  expect(await page.content()).not.toMatch(/Ops board|Mirror|ops\.corp|mirror\.corp/);
});

test('the wiki works as at home: links, its own cookie, a form, an upload, a download', async ({ newPerson, demo }) => {
  const page = await openApp(await newPerson(demo.member), /Wiki/);
  await expect(page).toHaveURL(demo.url('wiki', '/pages/welcome'));

  await test.step('links: absolute, by path, relative', async () => {
    await page.getByRole('link', { name: 'All pages' }).click();
    const names = await page.getByRole('listitem').getByRole('link').allInnerTexts();
    expect(names.length).toBeGreaterThanOrEqual(3);
    for (const name of names) {
      await page.goto(demo.url('wiki', '/pages'));
      await page.getByRole('link', { name, exact: true }).click();
      await expect(page.getByRole('heading', { name, exact: true })).toBeVisible();
      expect(new URL(page.url()).origin).toBe(new URL(demo.url('wiki')).origin);
    }
  });

  await test.step('the app counts visits in its own cookie', async () => {
    const visits = async () =>
      Number(/read (\d+) page/.exec((await page.getByText(/You have read/).textContent()) ?? '')?.[1]);
    await page.goto(demo.url('wiki', '/pages/welcome'));
    const before = await visits();
    await page.reload();
    expect(await visits()).toBe(before + 1);
  });

  await test.step('a form is posted, and the app knows who wrote', async () => {
    await page.getByRole('link', { name: 'New page' }).click();
    await page.getByLabel('Title').fill('Café hours — “summer”');
    await page.getByLabel('Text').fill('From eight.\n\nUntil six & a bit.');
    await page.getByRole('button', { name: 'Save' }).click();
    await expect(page.getByRole('heading', { name: 'Café hours — “summer”' })).toBeVisible();
    await expect(page.getByText('Until six & a bit.')).toBeVisible();
    await expect(page.getByText(/Written by Grace/)).toBeVisible();
  });

  await test.step('a file goes up and comes down unchanged', async () => {
    const bytes = Buffer.alloc(
      300_000,
      Uint8Array.from({ length: 251 }, (_, at) => at),
    );
    await page.getByRole('link', { name: 'Attachments' }).click();
    await page
      .getByLabel('File')
      .setInputFiles({ name: 'figures.bin', mimeType: 'application/octet-stream', buffer: bytes });
    await page.getByRole('button', { name: 'Upload' }).click();
    const download = page.waitForEvent('download');
    await page.getByRole('link', { name: 'figures.bin' }).click();
    expect(bytes.equals(await readFile(await (await download).path()))).toBe(true);
  });

  await test.step('a download keeps its name', async () => {
    const download = page.waitForEvent('download');
    await page.getByRole('link', { name: 'Download' }).click();
    expect((await download).suggestedFilename()).toBe('welcome.txt');
  });
});

test('the ops board is live: numbers as they come, and a chat between two people', async ({ newPerson, demo }) => {
  const [grace, ada] = [await newPerson(demo.member), await newPerson(demo.admin)];
  for (const page of [grace, ada]) {
    await page.goto(demo.url('ops'));
    await expect(page.getByText('Live: the numbers come once a second.')).toBeVisible();
    await expect(page.getByText('Connected.')).toBeVisible();
  }
  const gapMs = await grace.evaluate(
    () =>
      new Promise<number>((resolve) => {
        const times: number[] = [];
        const source = new EventSource('/numbers');
        source.onmessage = () => {
          times.push(performance.now());
          if (times.length < 3) return;
          source.close();
          resolve((times[2] ?? 0) - (times[1] ?? 0));
        };
      }),
  );
  expect(gapMs, 'events are passed on one by one, not in heaps').toBeGreaterThan(500);

  await grace.getByLabel('Message', { exact: true }).fill('Is the printer on fire?');
  await grace.getByRole('button', { name: 'Send' }).click();
  await expect(ada.getByLabel('Messages')).toContainText('Is the printer on fire?');
  await ada.getByLabel('Message', { exact: true }).fill('Only warm — ☀');
  await ada.getByRole('button', { name: 'Send' }).click();
  await expect(grace.getByLabel('Messages')).toContainText('Only warm — ☀');
});

test('the mirror gets the request byte for byte, and a signed assertion that it can verify', async ({
  newPerson,
  demo,
}) => {
  const page = await newPerson(demo.member);
  await page.goto(demo.url('mirror'));
  await expect(page.getByText('The assertion is valid.')).toBeVisible();
  await expect(page.getByText('you are Grace')).toBeVisible();
  await page.getByRole('link', { name: 'A deep link' }).click();
  await expect(page.getByText('GET /deep/path%2Fwith?query=1&query=2 HTTP/1.1')).toBeVisible();
  await expect(page.getByText('The assertion is valid.')).toBeVisible();
  const seen = await page.content();
  expect(seen, 'no cookie of Foyer reaches an app').not.toContain('__Host-foyer');
});
