// Whether apps open in a tab of their own: as the person chose, or else as the device suggests.
'use client';
import { useSyncExternalStore } from 'react';
import type { Opening } from '#server/core/launcher.ts';

/** A mouse or a touchpad, and a window with tabs. */
const HAS_POINTER = '(hover: hover) and (pointer: fine)';
const IS_INSTALLED = '(display-mode: standalone)';

export function useNewTab(opening: Opening): boolean {
  const isDesktop = useSyncExternalStore(follow, readDevice, () => false);
  return opening === 'new-tab' || (opening === 'automatic' && isDesktop);
}

function readDevice(): boolean {
  return matchMedia(HAS_POINTER).matches && !matchMedia(IS_INSTALLED).matches;
}

function follow(onChange: () => void): () => void {
  const queries = [HAS_POINTER, IS_INSTALLED].map((query) => matchMedia(query));
  for (const query of queries) query.addEventListener('change', onChange);
  return () => {
    for (const query of queries) query.removeEventListener('change', onChange);
  };
}

/** For a link. Without the opener, the app's page has no hold on this one (M7). */
export function linkTarget(isNewTab: boolean): { target?: '_blank'; rel?: 'noopener' } {
  return isNewTab ? { target: '_blank', rel: 'noopener' } : {};
}
