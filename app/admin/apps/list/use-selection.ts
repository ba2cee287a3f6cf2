// Which lines of a table are chosen: one by one, a stretch with the shift key, the page, or all that match.
'use client';
import { useRef, useState } from 'react';

export type Selection = {
  ids: ReadonlySet<string>;
  /** All that match the filter, those on other pages included. */
  isAll: boolean;
  count: number;
  toggle(id: string, isOn: boolean, isStretch: boolean): void;
  togglePage(isOn: boolean): void;
  chooseAll(): void;
  clear(): void;
};

/** `page`: the ids in the order they are shown. `total`: how many match. */
export function useSelection(page: readonly string[], total: number): Selection {
  const [ids, setIds] = useState<ReadonlySet<string>>(new Set());
  const [isAll, setAll] = useState(false);
  const last = useRef<string | null>(null);
  // What is no longer shown is no longer chosen: nobody changes what they do not see.
  const shown = new Set([...ids].filter((id) => page.includes(id)));

  function change(next: Iterable<string>) {
    setIds(new Set(next));
    setAll(false);
  }

  return {
    ids: isAll ? new Set(page) : shown,
    isAll,
    count: isAll ? total : shown.size,
    toggle(id, isOn, isStretch) {
      const from = isStretch && last.current !== null ? page.indexOf(last.current) : -1;
      const to = page.indexOf(id);
      const stretch = from === -1 ? [id] : page.slice(Math.min(from, to), Math.max(from, to) + 1);
      last.current = id;
      const others = [...(isAll ? page : shown)].filter((each) => !stretch.includes(each));
      change(isOn ? [...others, ...stretch] : others);
    },
    togglePage: (isOn) => change(isOn ? page : []),
    chooseAll: () => setAll(true),
    clear: () => change([]),
  };
}
