// The address of the session pages as filters.
import { SESSION_KINDS, type SessionKind } from '#server/core/identity.ts';
import type { StreamFilters } from '#server/store/streams.ts';
import { STREAM_KINDS } from '#server/store/words.ts';

export type Params = Record<string, string | string[] | undefined>;

export function sessionKindOf(params: Params): SessionKind | undefined {
  return SESSION_KINDS.find((kind) => kind === params.kind);
}

export function streamFiltersOf(params: Params): StreamFilters {
  const { app, q } = params;
  return {
    kind: STREAM_KINDS.find((kind) => kind === params.kind),
    person: typeof q === 'string' && q.trim() ? q.trim().slice(0, 200) : undefined,
    appId: typeof app === 'string' && app ? app.slice(0, 64) : undefined,
  };
}
