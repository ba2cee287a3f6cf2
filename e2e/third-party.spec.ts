// A web app with WebSocket that nobody here wrote works behind Foyer as it does without.
import { expect, openApp, test } from './system/journey.ts';
import { startThirdPartyApp } from './system/third-party.ts';

test('Debian’s websocketd: its page loads, its socket opens and echoes', async ({ newPerson, demo }) => {
  const app = await startThirdPartyApp('127.0.20.7');
  try {
    await demo.addApp({ name: 'Console', hosts: [demo.host('console')], access: [demo.member.email] }, app);
    const page = await openApp(await newPerson(demo.member), /Console/);
    await expect(page).toHaveTitle('websocketd console');
    await page.locator('button.connect').click();
    await expect(page.locator('.type-onopen')).toBeVisible();
    await page.locator('.send-input').fill('Grüße — ✓');
    await page.locator('.send-input').press('Enter');
    await expect(page.locator('.type-onmessage .message-data')).toContainText('Grüße — ✓');
    await page.getByTitle('Disconnect').click();
    await expect(page.locator('.type-onclose')).toContainText('Clean: true');
  } finally {
    await app.stop();
  }
});
