// No page is a dead end: each leads to what one does next.
import { expect, test } from './system/journey.ts';

test('the overview leads to publishing', async ({ newPerson, demo }) => {
  const ada = await newPerson(demo.admin);
  await ada.goto(`${demo.portalUrl}/admin`);
  await ada.getByRole('link', { name: 'Publish an app' }).click();
  await expect(ada).toHaveURL(/\/publish$/);
});
