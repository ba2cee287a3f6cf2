// The launcher's keys: `/` and Enter for the search, arrows between apps. Tab works without any of them.
'use client';
import { type KeyboardEvent, type RefObject, useEffect, useState } from 'react';

type Keys = {
  /** The shortcut is told when it works: the page is there before its script is. */
  listens: boolean;
  onKeyDown(event: KeyboardEvent): void;
};

/** `lists` holds the links. */
export function useGridKeys(
  field: RefObject<HTMLInputElement | null>,
  lists: RefObject<HTMLElement | null>,
  search: { text: string; clear(): void },
): Keys {
  const [listens, setListens] = useState(false);

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
  }, [field]);

  function onKeyDown(event: KeyboardEvent) {
    const links = Array.from(lists.current?.querySelectorAll('a') ?? []);
    const at = links.indexOf(document.activeElement as HTMLAnchorElement);
    const isInField = document.activeElement === field.current;
    if (event.key === 'Enter' && isInField && search.text) links[0]?.click();
    else if (event.key === 'Escape' && isInField) search.clear();
    else if (event.key === 'ArrowDown' && isInField) links[0]?.focus();
    else if (event.key === 'ArrowUp' && at >= 0 && at < columns(links)) field.current?.focus();
    else if (at >= 0 && event.key in STEPS) links[at + (STEPS[event.key]?.(columns(links)) ?? 0)]?.focus();
    else return;
    if (event.key !== 'Escape') event.preventDefault();
  }

  return { listens, onKeyDown };
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
