// The promise of a launcher's favourites: one's own, in one's own order, kept as long as the app and the person are there.
import assert from 'node:assert/strict';
import { type TestContext, test } from 'node:test';
import { deleteApp, saveApp } from './apps.ts';
import { noteOpened, orderFavourites, readLauncher, setFavourite, setLauncherView, setOpening } from './launcher.ts';
import type { PersonActor } from './saved.ts';
import { appInputFor, SYSTEM, saved, someone, someSite, temporaryStore } from './testing/temporary-store.ts';
import { deleteUser } from './users.ts';

async function withApps(t: TestContext, ...names: string[]) {
  const { store, clock } = await temporaryStore(t);
  const siteId = await someSite(store);
  const ids = new Map<string, string>();
  for (const name of names) {
    const input = appInputFor(siteId, { name, hosts: [`${name}.corp.example`] });
    ids.set(name, saved(await saveApp(store, SYSTEM, null, input)).id);
  }
  const id = (name: string) => ids.get(name) ?? '';
  const favourites = async ({ userId }: PersonActor): Promise<string[]> => {
    const { marks } = await readLauncher(store, userId);
    const own = marks.filter(({ favourite }) => favourite !== null);
    own.sort((a, b) => (a.favourite ?? 0) - (b.favourite ?? 0));
    return own.map(({ appId }) => names.find((name) => id(name) === appId) ?? '?');
  };
  return { store, clock, id, favourites };
}

test('a favourite stands behind the others, once, until it is taken out; nobody else’s change', async (t) => {
  const { store, id, favourites } = await withApps(t, 'wiki', 'mail', 'board');
  const [ada, bob] = [await someone(store, 'member'), await someone(store, 'member')];
  for (const name of ['mail', 'wiki', 'mail', 'board']) saved(await setFavourite(store, ada, id(name), true));
  saved(await setFavourite(store, bob, id('wiki'), true));
  assert.deepEqual(await favourites(ada), ['mail', 'wiki', 'board']);
  saved(await setFavourite(store, ada, id('wiki'), false));
  saved(await setFavourite(store, ada, id('wiki'), false));
  assert.deepEqual(await favourites(ada), ['mail', 'board']);
  assert.deepEqual(await favourites(bob), ['wiki']);
  saved(await setFavourite(store, ada, id('wiki'), true));
  assert.deepEqual(await favourites(ada), ['mail', 'board', 'wiki']);
});

test('an order moves what it names, forgets nothing and adds nothing', async (t) => {
  const { store, id, favourites } = await withApps(t, 'a', 'b', 'c', 'd', 'e');
  const ada = await someone(store, 'member');
  for (const name of ['a', 'b', 'c', 'd']) saved(await setFavourite(store, ada, id(name), true));
  saved(await orderFavourites(store, ada, [id('d'), id('b'), id('e'), 'unknown']));
  assert.deepEqual(await favourites(ada), ['d', 'b', 'a', 'c']);
  const twice = await orderFavourites(store, ada, [id('a'), id('a')]);
  assert.equal(twice.kind, 'invalid');
  assert.deepEqual(await favourites(ada), ['d', 'b', 'a', 'c']);
});

test('what was opened is known by its time, and the view is the last that was chosen', async (t) => {
  const { store, clock, id } = await withApps(t, 'wiki', 'mail');
  const ada = await someone(store, 'member');
  saved(await noteOpened(store, ada, id('wiki')));
  clock.now += 60_000;
  saved(await noteOpened(store, ada, id('wiki')));
  saved(await setFavourite(store, ada, id('wiki'), true));
  const { marks, view } = await readLauncher(store, ada.userId);
  assert.deepEqual(marks, [{ appId: id('wiki'), favourite: 0, openedAt: clock.now }]);
  assert.equal(view, 'tiles');
  saved(await setLauncherView(store, ada, 'list'));
  assert.equal((await readLauncher(store, ada.userId)).view, 'list');
  assert.equal((await setLauncherView(store, ada, 'cloud')).kind, 'invalid');
  assert.equal((await readLauncher(store, ada.userId)).opening, 'automatic');
  saved(await setOpening(store, ada, 'same-window'));
  assert.equal((await setOpening(store, ada, ['new-tab'])).kind, 'invalid');
  const kept = await readLauncher(store, ada.userId);
  assert.deepEqual([kept.view, kept.opening], ['list', 'same-window']);
});

test('an app that is none has no mark, a signed-out session makes none, and marks go with their app and person', async (t) => {
  const { store, id } = await withApps(t, 'wiki', 'mail');
  const ada = await someone(store, 'member');
  assert.equal((await setFavourite(store, ada, 'nothing', true)).kind, 'not-found');
  assert.equal((await noteOpened(store, ada, 'nothing')).kind, 'not-found');
  assert.equal((await setFavourite(store, { ...ada, sessionId: 'over' }, id('wiki'), true)).kind, 'forbidden');
  saved(await setFavourite(store, ada, id('wiki'), true));
  saved(await setFavourite(store, ada, id('mail'), true));
  saved(await deleteApp(store, SYSTEM, id('wiki')));
  assert.deepEqual((await readLauncher(store, ada.userId)).marks, [
    { appId: id('mail'), favourite: 1, openedAt: null },
  ]);
  saved(await deleteUser(store, SYSTEM, ada.userId));
  assert.deepEqual((await readLauncher(store, ada.userId)).marks, []);
});
