// The table of apps as an address says it: what is searched, filtered and sorted, and which page; so that a look at it can be sent.
import { APP_CONDITIONS, APP_SORTS, type AppFilter, type AppSort } from '#server/core/app-list.ts';
import { PAGE_SIZE } from '../../list-query.ts';

export type AppListParams = Promise<Record<string, string | string[] | undefined>>;

export type AppListQuery = {
  filter: AppFilter;
  sort: AppSort;
  descending: boolean;
  page: number;
  offset: number;
  limit: number;
};

/** Stands for apps of no category, which an empty value cannot: in a form that means any. */
export const NO_CATEGORY = '-';

/** What makes no sense in an address is as if it were not there. */
export async function readListQuery(params: AppListParams): Promise<AppListQuery> {
  const given = await params;
  const text = (key: string) => {
    const value = given[key];
    return typeof value === 'string' && value !== '' ? value.slice(0, 200) : undefined;
  };
  const category = text('category');
  const page = Number(/^[1-9]\d{0,5}$/.exec(text('page') ?? '')?.[0] ?? 1);
  return {
    filter: {
      search: text('q'),
      siteId: idOf(text('site')),
      condition: APP_CONDITIONS.find((each) => each === text('state')),
      category: category === NO_CATEGORY ? '' : category,
      ownerUserId: idOf(text('owner')),
      unassigned: text('nobody') === '1' ? true : undefined,
    },
    sort: APP_SORTS.find((each) => each === text('sort')) ?? 'name',
    descending: text('desc') === '1',
    page,
    offset: (page - 1) * PAGE_SIZE,
    limit: PAGE_SIZE,
  };
}

/** The address of the same list with something changed; the page is the first again unless it is what changes. */
export function listHref(
  { filter, sort, descending }: Pick<AppListQuery, 'filter' | 'sort' | 'descending'>,
  change: { sort?: AppSort; descending?: boolean; page?: number } = {},
): string {
  const by = change.sort ?? sort;
  const down = change.descending ?? descending;
  const fields: [string, string | undefined][] = [
    ['q', filter.search],
    ['site', filter.siteId],
    ['state', filter.condition],
    ['category', filter.category === '' ? NO_CATEGORY : filter.category],
    ['owner', filter.ownerUserId],
    ['nobody', filter.unassigned ? '1' : undefined],
    ['sort', by === 'name' ? undefined : by],
    ['desc', down ? '1' : undefined],
    ['page', change.page && change.page > 1 ? String(change.page) : undefined],
  ];
  const query = new URLSearchParams(fields.filter((field): field is [string, string] => field[1] !== undefined));
  return `/admin/apps${query.size > 0 ? `?${query}` : ''}`;
}

export function isFiltered(filter: AppFilter): boolean {
  return Object.values(filter).some((value) => value !== undefined);
}

function idOf(text: string | undefined): string | undefined {
  return text && /^[0-9a-f-]{36}$/.test(text) ? text : undefined;
}
