// Signing out ends everything at once: open sockets, the next click, and what the back button shows.
import { expect, signOut, test } from './system/journey.ts';
import { watchSocketEnd } from './system/socket-end.ts';

test('W6: signing out ends an open chat within a second, and the next click leads to sign-in', async ({
  newPerson,
  demo,
}) => {
  const portal = await newPerson(demo.member);
  const board = await portal.context().newPage();
  await board.goto(demo.url('ops'));
  await expect(board.getByText('Connected.')).toBeVisible();
  const ended = watchSocketEnd(board, '/chat');
  await ended.opened;
  await portal.getByRole('button', { name: /^Account of/ }).click();
  const answered = portal.waitForResponse((response) => response.url() === `${demo.portalUrl}/sign-out`).then(Date.now);
  await portal.getByRole('menuitem', { name: 'Sign out' }).click();
  const { code, at } = await ended.closed;
  expect(code, 'a close code that a page can tell from a lost network').toBe(4401);
  expect(at - (await answered)).toBeLessThan(1000);
  await expect(portal.getByText('You are signed out')).toBeVisible();
  await board.goto(demo.url('ops', '/?again'));
  await expect(board.getByRole('heading', { name: 'Sign in to Foyer' })).toBeVisible();
});

test('C10: after signing out, the back button shows nothing of the portal or of an app that forbids storing', async ({
  newPerson,
  demo,
}) => {
  const page = await newPerson(demo.member);
  await page.goto(`${demo.portalUrl}/account`);
  await expect(page.getByText(demo.member.email).first()).toBeVisible();
  await page.goto(demo.url('mirror', '/private'));
  await expect(page.getByText('The assertion is valid.')).toBeVisible();
  await signOut(page, demo);
  for (let step = 0; step < 4; step += 1) {
    await page.goBack();
    await expect(page.getByRole('heading', { name: 'Sign in to Foyer' })).toBeVisible();
    expect(await page.content()).not.toMatch(/The assertion is valid|Account and sessions/);
  }
});

test('C10: the grants that a browser still holds are worth nothing after signing out', async ({ newPerson, demo }) => {
  const page = await newPerson(demo.member);
  await page.goto(demo.url('mirror'));
  await expect(page.getByText('The assertion is valid.')).toBeVisible();
  const cookies = await page.context().cookies(demo.url('mirror'));
  await signOut(page, demo);
  await page.context().addCookies(cookies);
  await page.goto(demo.url('mirror', '/again'));
  await expect(page.getByRole('heading', { name: 'Sign in to Foyer' })).toBeVisible();
});
