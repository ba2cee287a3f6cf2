// The words of the table of apps: how an app stands, what a list is filtered and sorted by.

const APP_STATES = ['on', 'maintenance', 'off'] as const;
export type AppState = (typeof APP_STATES)[number];

export const APP_SORTS = ['name', 'state', 'site', 'category', 'changed'] as const;
export type AppSort = (typeof APP_SORTS)[number];

/** `broken` is a row that cannot be read, `unverified` one whose upstream's certificate nobody looks at. */
export const APP_CONDITIONS = [...APP_STATES, 'unverified', 'broken'] as const;
export type AppCondition = (typeof APP_CONDITIONS)[number];

/** All given have to match. */
export type AppFilter = {
  search?: string | undefined;
  siteId?: string | undefined;
  condition?: AppCondition | undefined;
  /** '' means the apps of no category. */
  category?: string | undefined;
  ownerUserId?: string | undefined;
  /** Apps that nobody may open. */
  unassigned?: boolean | undefined;
};
