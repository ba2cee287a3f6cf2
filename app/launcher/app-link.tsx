// The link that opens an app, as its person wants apps opened, and notes that it was opened from here.
'use client';
import { createContext, type ReactNode, useContext } from 'react';
import type { Tile } from './filter-apps.ts';
import { noteOpened } from './note-opened.ts';
import { linkTarget } from './use-new-tab.ts';

/** Where the apps of a page open. `hintId` names the element that says so. */
export const OpensIn = createContext<{ isNewTab: boolean; hintId: string }>({ isNewTab: false, hintId: '' });

type Props = { app: Pick<Tile, 'id' | 'name' | 'href'>; className: string; children?: ReactNode };

export function AppLink({ app, className, children }: Props) {
  const { isNewTab, hintId } = useContext(OpensIn);
  return (
    <a
      href={app.href}
      data-app-id={app.id}
      onClick={() => noteOpened(app.id)}
      aria-describedby={isNewTab ? hintId : undefined}
      className={className}
      {...linkTarget(isNewTab)}
    >
      {children ?? app.name}
    </a>
  );
}
