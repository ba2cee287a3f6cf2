// Above the apps: the search, and how they are shown.
'use client';
import { LayoutGrid, List, Search } from 'lucide-react';
import { useTranslations } from 'next-intl';
import type { RefObject } from 'react';
import type { LauncherView } from '#server/core/launcher.ts';

type Props = {
  field: RefObject<HTMLInputElement | null>;
  search: string;
  onSearch(text: string): void;
  /** Reports whether the shortcut works already. */
  listens: boolean;
  view: LauncherView;
  onView(view: LauncherView): void;
};

export function LauncherToolbar({ field, search, onSearch, listens, view, onView }: Props) {
  const t = useTranslations('launcher');
  return (
    <div className="mb-6 flex items-center gap-3">
      <div className="relative max-w-sm flex-1">
        <Search size={16} aria-hidden className="absolute start-3 top-1/2 -translate-y-1/2 text-muted" />
        <input
          ref={field}
          type="search"
          aria-label={t('search')}
          aria-keyshortcuts={listens ? '/' : undefined}
          placeholder={t('searchPlaceholder')}
          value={search}
          onChange={(event) => onSearch(event.target.value)}
          className="field ps-9 pe-9"
        />
        {listens && (
          <kbd aria-hidden className="absolute end-3 top-1/2 hidden -translate-y-1/2 text-xs text-muted sm:block">
            /
          </kbd>
        )}
      </div>
      <fieldset className="ms-auto flex gap-0.5 rounded-lg border border-line p-0.5">
        <legend className="sr-only">{t('views')}</legend>
        {VIEWS.map(({ value, icon: Icon }) => (
          <button
            key={value}
            type="button"
            aria-pressed={view === value}
            aria-label={t(value)}
            title={t(value)}
            onClick={() => onView(value)}
            className="grid size-8 cursor-pointer place-items-center rounded-md text-muted hover:text-text aria-pressed:bg-sunken aria-pressed:text-text"
          >
            <Icon size={16} aria-hidden />
          </button>
        ))}
      </fieldset>
    </div>
  );
}

const VIEWS = [
  { value: 'tiles', icon: LayoutGrid },
  { value: 'list', icon: List },
] as const;
