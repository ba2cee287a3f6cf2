// What stands around the apps, by the API: collections, notices and terms of use.
import {
  deleteCollection,
  getCollection,
  listCollections,
  orderCollections,
  saveCollection,
} from '#server/store/collections.ts';
import { deleteNotice, getNotice, listNotices, saveNotice } from '#server/store/notices.ts';
import { getTerms, publishTerms } from '#server/store/terms.ts';
import { refusal } from './reply.ts';
import { resource } from './resource.ts';
import type { Route } from './route-table.ts';

const needs = { read: 'settings.read', write: 'settings.write' } as const;

const COLLECTIONS: readonly Route[] = [
  ...resource({
    ...{ tag: 'Launcher', path: '/collections', one: 'a collection', many: 'collections', needs, isWhole: true },
    schemas: { list: 'CollectionList', answer: 'Collection', input: 'CollectionInput' },
    readOnly: ['id', 'updatedAt'],
    notes: { list: 'In their order.', save: 'A new one stands last.', remove: 'Its apps stay.' },
    list: listCollections,
    get: async (store, actor, id) => {
      const found = await getCollection(store, actor, id);
      return found.kind === 'found' ? { kind: 'shown', shown: found.collection } : found;
    },
    save: saveCollection,
    remove: deleteCollection,
  }),
  {
    ...{
      method: 'PUT',
      path: '/collections/order',
      needs: [needs.write],
      tag: 'Launcher',
      summary: 'Put collections in order',
    },
    description: 'Their ids; those that are not named keep their order, behind the others.',
    body: 'Order',
    answers: { status: 204 },
    run: async ({ context, actor, body }) => {
      if (!Array.isArray(body)) return refusal({ kind: 'invalid', errors: { '': 'Give a list of ids.' } });
      const ordered = await orderCollections(context.store, actor, body.map(String));
      return ordered.kind === 'saved' ? { kind: 'nothing' } : refusal(ordered);
    },
  },
];

const NOTICES: readonly Route[] = resource({
  ...{ tag: 'Launcher', path: '/notices', one: 'a notice', many: 'notices', needs, isWhole: true },
  schemas: { list: 'NoticeList', answer: 'Notice', input: 'NoticeInput' },
  readOnly: ['id', 'updatedAt'],
  list: listNotices,
  get: async (store, actor, id) => {
    const found = await getNotice(store, actor, id);
    return found.kind === 'found' ? { kind: 'shown', shown: { ...found.notice } } : found;
  },
  save: saveNotice,
  remove: deleteNotice,
});

const TERMS: readonly Route[] = [
  {
    ...{ method: 'GET', path: '/terms', needs: [needs.read], tag: 'Launcher', summary: 'Read the terms of use' },
    description: 'With how many people have accepted this version. Version 0 with an empty text: there are none.',
    answers: { status: 200, schema: 'Terms', hasVersion: true },
    run: async ({ context, actor }) => {
      const found = await getTerms(context.store, actor);
      if (found.kind !== 'found') return refusal(found);
      const body = found.terms ?? { version: 0, text: '', publishedAt: null, accepted: 0, people: 0 };
      return { kind: 'done', status: 200, body, version: body.version };
    },
  },
  {
    ...{ method: 'PUT', path: '/terms', needs: [needs.write], tag: 'Launcher', summary: 'Publish terms of use' },
    description: 'Everybody has to accept the new version. An empty text asks nobody any more.',
    body: 'TermsInput',
    ifMatch: 'required',
    answers: { status: 200, schema: 'TermsSaved', hasVersion: true },
    run: async ({ context, actor, body, expected }) => {
      const published = await publishTerms(context.store, actor, body, expected);
      if (published.kind !== 'saved') return refusal(published);
      const { version } = published;
      return { kind: 'done', status: 200, body: { version }, version };
    },
  },
];

export const PORTAL: readonly Route[] = [...COLLECTIONS, ...NOTICES, ...TERMS];
