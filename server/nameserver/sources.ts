// Everything that the nameserver's answers come from, each the newest good one, and the whole that is made of them.

import type { Endpoint } from '#server/core/app.ts';
import type { Names } from '#server/dns/names.ts';
import type { Logger } from '#server/log.ts';
import { type BlockLists, createBlockLists } from './block-lists.ts';
import { composeNames, type FollowedNames, NO_FOYER } from './names.ts';
import { listsOf, type NameserverSetup } from './setup.ts';
import { systemServers } from './system-servers.ts';

export type NameserverSources = {
  setup(): NameserverSetup;
  takeSetup(setup: NameserverSetup): void;
  /** Where we listen: never to be asked in plain text ourselves. */
  takeOwn(own: readonly Endpoint[]): void;
  /** Reads the lists that changed and those that are not known yet, and forgets those that the file does not name. `isAsked`: see `BlockLists`. */
  readLists(isChanged: (file: string) => boolean, options: { isAsked: boolean }): Promise<void>;
  follow(followed: FollowedNames | null): void;
  /** The same until the next `swap`. */
  names(): Names;
  swap(): void;
};

/** `stateDir` is the program's own directory; null where it has none. */
export function createSources(first: NameserverSetup, stateDir: string | null, log: Logger): NameserverSources {
  const lists: BlockLists = createBlockLists(log, stateDir);
  let setup = first;
  let own: readonly Endpoint[] = [];
  let read: readonly string[] = [];
  let followed: FollowedNames | null = null;
  const compose = (): Names =>
    composeNames({
      ...(followed?.current() ?? NO_FOYER),
      file: setup.file,
      lists: { allow: lists.domains(setup.file.allow), block: lists.domains(setup.file.block) },
      systemServers: systemServers(own),
    });
  let names = compose();
  return {
    setup: () => setup,
    takeSetup: (next) => {
      setup = next;
    },
    takeOwn: (next) => {
      own = next;
    },
    readLists: async (isChanged, options) => {
      const named = listsOf(setup);
      const before = read;
      read = named;
      await lists.read(
        named.filter((list) => isChanged(list) || !before.includes(list)),
        named,
        options,
      );
    },
    follow: (next) => {
      followed = next;
    },
    names: () => names,
    swap: () => {
      names = compose();
    },
  };
}
