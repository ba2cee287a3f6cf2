import assert from 'node:assert/strict';
import { test } from 'node:test';
import { listHref, readListQuery } from './list-query.ts';

const ID = '01890a5d-ac96-774b-bcce-b302099a8057';

test('an address says the whole table, and is said by it again', async () => {
  const params = {
    q: 'wiki',
    site: ID,
    state: 'off',
    category: 'Tools',
    owner: ID,
    nobody: '1',
    sort: 'site',
    desc: '1',
  };
  const query = await readListQuery(Promise.resolve({ ...params, page: '3' }));
  assert.deepEqual(query, {
    filter: { search: 'wiki', siteId: ID, condition: 'off', category: 'Tools', ownerUserId: ID, unassigned: true },
    ...{ sort: 'site', descending: true, page: 3, offset: 100, limit: 50 },
  });
  assert.equal(listHref(query), `/admin/apps?${new URLSearchParams(params)}`);
  assert.equal(listHref(query, { page: 2 }), `/admin/apps?${new URLSearchParams({ ...params, page: '2' })}`);
  assert.equal(listHref({ filter: { category: '' }, sort: 'name', descending: false }), '/admin/apps?category=-');
  assert.equal((await readListQuery(Promise.resolve({ category: '-' }))).filter.category, '');
});

test('M2: what makes no sense in an address is as if it were not there', async () => {
  const params = { q: ['a', 'b'], site: "x' or 1", state: 'all', owner: '%', nobody: 'yes', sort: 'tls', page: '-1' };
  const { filter, sort, page } = await readListQuery(Promise.resolve(params));
  assert.deepEqual([Object.values(filter).filter((value) => value !== undefined), sort, page], [[], 'name', 1]);
});
