// Sessions by the API: who is signed in, and their end.

import { z } from 'zod';
import { endSession, listSessions } from '#server/store/sessions.ts';
import { endStream, listStreams, type StreamFilters } from '#server/store/streams.ts';
import { refusal } from './reply.ts';
import { listed, listQuery } from './resource.ts';
import type { Route } from './route-table.ts';

export const SESSIONS: readonly Route[] = [
  {
    ...{ method: 'GET', path: '/sessions', needs: ['sessions.read'], tag: 'Sessions', summary: 'List live sessions' },
    description: 'The last seen first.',
    query: listQuery
      .omit({ search: true })
      .extend({ userId: z.string().max(100).optional().describe('Of this person alone.') }),
    answers: { status: 200, schema: 'SessionList' },
    run: (call) => {
      const { userId, ...page } = call.query as { userId?: string; limit: number; offset: number };
      return listed(call, '/sessions', listSessions(call.context.store, call.actor, userId ?? null, page));
    },
  },
  {
    ...{ method: 'DELETE', path: '/sessions/{id}', needs: ['sessions.end'], tag: 'Sessions', summary: 'End a session' },
    description: 'Everywhere within a second, open streams and WebSockets included.',
    answers: { status: 204 },
    run: async ({ context, actor, params }) => {
      const ended = await endSession(context.store, actor, params.id ?? '', 'ended-by-admin');
      return ended.kind === 'saved' ? { kind: 'nothing' } : refusal(ended);
    },
  },
  {
    ...{ method: 'GET', path: '/streams', needs: ['sessions.read'], tag: 'Sessions', summary: 'List open streams' },
    description: 'WebSockets and answers that go on, the longest open first.',
    query: listQuery.omit({ search: true }).extend({
      person: z.string().max(200).optional().describe('Text in the name or e-mail of who has it open.'),
      appId: z.string().max(100).optional(),
      kind: z.enum(['websocket', 'answer']).optional(),
    }),
    answers: { status: 200, schema: 'StreamList' },
    run: (call) => {
      const { limit, offset, ...filters } = call.query as StreamFilters & { limit: number; offset: number };
      return listed(call, '/streams', listStreams(call.context.store, call.actor, { limit, offset, filters }));
    },
  },
  {
    ...{ method: 'DELETE', path: '/streams/{id}', needs: ['sessions.end'], tag: 'Sessions', summary: 'End a stream' },
    description: 'Its person may open it again: their session stays.',
    answers: { status: 204 },
    run: async ({ context, actor, params }) => {
      const ended = await endStream(context.store, actor, params.id ?? '');
      return ended.kind === 'saved' ? { kind: 'nothing' } : refusal(ended);
    },
  },
];
