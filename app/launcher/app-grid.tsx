// The launcher: favourites, what was opened lately, collections, everything else, and a search through all of it.
'use client';
import { useTranslations } from 'next-intl';
import { type ReactNode, useId, useRef, useState } from 'react';
import type { Arrangement, Collection, LauncherView, Opening } from '#server/core/launcher.ts';
import type { ActionResult } from '../admin/act.ts';
import { orderFavouritesAction, setFavouriteAction, setViewAction } from './actions.ts';
import { AppDetails } from './app-details.tsx';
import { OpensIn } from './app-link.tsx';
import { AppChip, AppTile, TileGlyphs } from './app-tile.tsx';
import { filterApps } from './filter-apps.ts';
import type { LauncherApp } from './launcher-app.ts';
import { LauncherToolbar } from './launcher-toolbar.tsx';
import { ReadAt } from './read-at.ts';
import { useGridKeys } from './use-grid-keys.ts';
import { useNewTab } from './use-new-tab.ts';

type Props = {
  apps: readonly LauncherApp[];
  arrangement: Arrangement;
  collections: readonly Collection[];
  view: LauncherView;
  opening: Opening;
  /** When all this was read, epoch milliseconds. */
  readAt: number;
  /** Where the search begins. */
  search: string;
};

export function AppGrid({ apps, arrangement, collections, view: savedView, opening, readAt, ...begin }: Props) {
  const t = useTranslations('launcher');
  const [search, setSearch] = useState(begin.search);
  const [favourites, showFavourites] = useState(arrangement.favourites);
  const [view, showView] = useState(savedView);
  const [problem, setProblem] = useState(false);
  const [details, showDetails] = useState<LauncherApp | null>(null);
  const field = useRef<HTMLInputElement>(null);
  const lists = useRef<HTMLDivElement>(null);
  const keys = useGridKeys(field, lists, { text: search, clear: () => setSearch('') });
  const isNewTab = useNewTab(opening);
  const hintId = useId();
  const byId = new Map(apps.map((app) => [app.id, app]));
  const pick = (ids: readonly string[]) => ids.flatMap((id) => byId.get(id) ?? []);
  const found = filterApps(apps, search);

  /** A change is shown at once, and taken back with a sentence where it could not be kept. */
  async function keep(save: Promise<ActionResult<object>>, takeBack: () => void) {
    const result = await save.catch(() => null);
    setProblem(result?.kind !== 'saved');
    if (result?.kind !== 'saved') takeBack();
  }

  function setFavourite(id: string, isFavourite: boolean) {
    showFavourites(isFavourite ? [...favourites, id] : favourites.filter((each) => each !== id));
    void keep(setFavouriteAction(id, isFavourite), () => showFavourites(favourites));
  }

  function move(at: number, by: number) {
    const next = [...favourites];
    next.splice(at + by, 0, ...next.splice(at, 1));
    showFavourites(next);
    void keep(orderFavouritesAction(next), () => showFavourites(favourites));
  }

  function setView(next: LauncherView) {
    showView(next);
    void keep(setViewAction(next), () => showView(view));
  }

  const tiles = (list: readonly LauncherApp[], isOrdered = false) => (
    <ul className={LIST_CLASS[view]}>
      {list.map((app) => {
        const at = favourites.indexOf(app.id);
        const onMove = {
          ...(at > 0 ? { earlier: () => move(at, -1) } : {}),
          ...(at < favourites.length - 1 ? { later: () => move(at, 1) } : {}),
        };
        return (
          <AppTile
            key={app.id}
            app={app}
            view={view}
            isFavourite={at >= 0}
            onFavourite={(isFavourite) => setFavourite(app.id, isFavourite)}
            onDetails={() => showDetails(app)}
            {...(isOrdered ? { onMove } : {})}
          />
        );
      })}
    </ul>
  );

  function sections(): ReactNode {
    const collected = new Set(collections.flatMap(({ appIds }) => appIds));
    const others = apps.filter(({ id }) => !favourites.includes(id) && !collected.has(id));
    const shown = pick(favourites);
    const isAlone = shown.length === 0 && collections.length === 0;
    return (
      <>
        {shown.length > 0 && <Section title={t('favourites')}>{tiles(shown, true)}</Section>}
        {arrangement.recents.length > 0 && (
          <Section title={t('recents')}>
            <ul className="grid grid-cols-[repeat(auto-fill,minmax(min(100%,10.5rem),1fr))] gap-2">
              {pick(arrangement.recents).map((app) => (
                <AppChip key={app.id} app={app} />
              ))}
            </ul>
          </Section>
        )}
        {collections.map(({ id, name, appIds }) => (
          <Section key={id} title={name}>
            {tiles(pick(appIds))}
          </Section>
        ))}
        {others.length > 0 && isAlone && arrangement.recents.length === 0 && tiles(others)}
        {others.length > 0 && (!isAlone || arrangement.recents.length > 0) && (
          <Section title={isAlone ? t('allApps') : t('otherApps')}>{tiles(others)}</Section>
        )}
      </>
    );
  }

  return (
    <ReadAt value={readAt}>
      <OpensIn value={{ isNewTab, hintId }}>
        {/* biome-ignore lint/a11y/noStaticElementInteractions: arrow keys are a shortcut beside Tab, which works without them */}
        <div onKeyDown={keys.onKeyDown}>
          <LauncherToolbar
            field={field}
            search={search}
            onSearch={setSearch}
            listens={keys.listens}
            view={view}
            onView={setView}
          />
          {problem && (
            <p role="alert" className="mb-4 rounded-lg bg-danger-soft px-3 py-2.5 text-sm text-danger">
              {t('notKept')}
            </p>
          )}
          <div ref={lists} className="grid gap-8">
            {search ? found.length > 0 && tiles(found) : sections()}
          </div>
          <p role="status" className={found.length === 0 ? 'text-[0.9375rem] text-muted' : 'sr-only'}>
            {found.length === 0 ? t('noMatch', { search }) : search ? t('found', { count: found.length }) : ''}
          </p>
          <TileGlyphs />
          <span id={hintId} hidden>
            {t('newTab')}
          </span>
        </div>
        <AppDetails app={details} onClose={() => showDetails(null)} />
      </OpensIn>
    </ReadAt>
  );
}

function Section(props: { title: string; children: ReactNode }) {
  return (
    <section>
      <h2 className="mb-3 text-sm font-medium break-words text-muted">{props.title}</h2>
      {props.children}
    </section>
  );
}

const LIST_CLASS: Record<LauncherView, string> = {
  list: 'grid grid-cols-[minmax(0,1fr)] gap-1.5',
  tiles: 'grid grid-cols-[repeat(auto-fill,minmax(min(100%,17rem),1fr))] gap-3',
};
