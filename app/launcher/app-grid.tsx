// The tiles with their search. `/` goes to the search, arrows go through the tiles, Enter opens the first one found.
'use client';
import { Search } from 'lucide-react';
import { type KeyboardEvent, useEffect, useRef, useState } from 'react';
import { filterApps, type Tile } from './filter-apps.ts';
import { initials, ink } from './monogram.ts';

export function AppGrid({ tiles }: { tiles: readonly Tile[] }) {
  const [search, setSearch] = useState('');
  /** The shortcut is told when it works: the page is there before its script is. */
  const [listens, setListens] = useState(false);
  const field = useRef<HTMLInputElement>(null);
  const list = useRef<HTMLUListElement>(null);
  const found = filterApps(tiles, search);

  useEffect(() => {
    function onKey(event: globalThis.KeyboardEvent) {
      const isTyping = event.target instanceof HTMLElement && event.target.matches('input, textarea, select');
      if (event.key !== '/' || isTyping || event.ctrlKey || event.metaKey || event.altKey) return;
      event.preventDefault();
      field.current?.focus();
    }
    document.addEventListener('keydown', onKey);
    setListens(true);
    return () => document.removeEventListener('keydown', onKey);
  }, []);

  function onKeyDown(event: KeyboardEvent) {
    const links = Array.from(list.current?.querySelectorAll('a') ?? []);
    const at = links.indexOf(document.activeElement as HTMLAnchorElement);
    const isInField = document.activeElement === field.current;
    if (event.key === 'Enter' && isInField && search) links[0]?.click();
    else if (event.key === 'Escape' && isInField) setSearch('');
    else if (event.key === 'ArrowDown' && isInField) links[0]?.focus();
    else if (event.key === 'ArrowUp' && at >= 0 && at < columns(links)) field.current?.focus();
    else if (at >= 0 && event.key in STEPS) links[at + (STEPS[event.key]?.(columns(links)) ?? 0)]?.focus();
    else return;
    if (event.key !== 'Escape') event.preventDefault();
  }

  return (
    // biome-ignore lint/a11y/noStaticElementInteractions: arrow keys are a shortcut beside Tab, which works without them
    <div onKeyDown={onKeyDown}>
      <div className="relative mb-6 max-w-sm">
        <Search size={16} aria-hidden className="absolute top-1/2 left-3 -translate-y-1/2 text-muted" />
        <input
          ref={field}
          type="search"
          aria-label="Search your apps"
          aria-keyshortcuts={listens ? '/' : undefined}
          placeholder="Search"
          value={search}
          onChange={(event) => setSearch(event.target.value)}
          className="field pr-9 pl-9"
        />
        {listens && (
          <kbd aria-hidden className="absolute top-1/2 right-3 hidden -translate-y-1/2 text-xs text-muted sm:block">
            /
          </kbd>
        )}
      </div>
      <ul ref={list} className="grid grid-cols-[repeat(auto-fill,minmax(min(100%,17rem),1fr))] gap-3">
        {found.map((tile) => (
          <li key={tile.id}>
            <a
              href={tile.href}
              data-app-id={tile.id}
              className="card flex h-full gap-3.5 p-4 no-underline transition-colors hover:border-strong hover:bg-sunken"
            >
              <span aria-hidden className={`monogram ink-${ink(tile.id)} size-10 text-[0.9375rem]`}>
                {initials(tile.name)}
              </span>
              <span className="min-w-0">
                <span className="block truncate font-medium">{tile.name}</span>
                <span className="line-clamp-2 text-sm text-muted">{tile.description || tile.host}</span>
              </span>
            </a>
          </li>
        ))}
      </ul>
      <p role="status" className={found.length === 0 ? 'text-[0.9375rem] text-muted' : 'sr-only'}>
        {found.length === 0 ? `None of your apps matches “${search}”.` : search ? `${found.length} found` : ''}
      </p>
    </div>
  );
}

const STEPS: Record<string, (columns: number) => number> = {
  ArrowRight: () => 1,
  ArrowLeft: () => -1,
  ArrowDown: (columns) => columns,
  ArrowUp: (columns) => -columns,
};

/** How many tiles stand side by side right now. */
function columns(links: readonly HTMLElement[]): number {
  const top = links[0]?.getBoundingClientRect().top;
  const below = links.findIndex((link) => link.getBoundingClientRect().top !== top);
  return below === -1 ? links.length : below;
}
