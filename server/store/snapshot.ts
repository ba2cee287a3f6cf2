// Reads the whole catalogue at one revision and compiles it. A row that cannot be understood disables its own app only.
import type { Snapshot, SnapshotProblem } from '#server/core/snapshot.ts';
import type { Store } from './handle.ts';

export declare function loadSnapshot(
  store: Store,
): Promise<{ snapshot: Snapshot; problems: readonly SnapshotProblem[] }>;
