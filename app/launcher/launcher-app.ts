// An app in the launcher: its tile, and what its details say.
import type { AppState } from '#server/core/app-state.ts';
import type { SupportContact } from '#server/core/support.ts';
import type { Tile } from './filter-apps.ts';

export type LauncherApp = Tile & {
  owner: { name: string; email: string } | null;
  support: SupportContact | null;
  state: AppState;
};
