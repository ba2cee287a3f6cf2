// A page on a slow connection shows its buttons before its script is there.
import { expect, test } from '../system/journey.ts';

test('a button that is pressed before the page’s script runs does its work once it runs', async ({
  newPerson,
  demo,
}) => {
  await newPerson(demo.member);
  // A worker would bring the script from what it keeps.
  const page = await newPerson(demo.admin, { serviceWorkers: 'block' });
  const presses = [
    {
      button: page.getByRole('button', { name: /^Account of/ }),
      opens: page.getByRole('menuitem', { name: 'Sign out' }),
    },
    { button: page.getByRole('button', { name: 'End', exact: true }).first(), opens: page.getByRole('alertdialog') },
  ];
  for (const { button, opens } of presses) {
    const arrive = Promise.withResolvers<void>();
    await page.route('**/_next/static/**/*.js', async (route) => {
      await arrive.promise;
      await route.continue();
    });
    await page.goto(`${demo.portalUrl}/admin/sessions`, { waitUntil: 'commit' });
    await button.click();
    await button.click();
    await expect(opens).toBeHidden();
    arrive.resolve();
    await expect(opens).toBeVisible();
    await page.unrouteAll({ behavior: 'wait' });
  }
});
