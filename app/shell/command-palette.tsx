// ⌘K or Ctrl-K on every page: type a few letters, Enter goes there. Which apps there are is read when it is opened.
'use client';
import '../ui/style-nonce.ts';
import { CornerDownLeft, LogOut, Search, Settings2 } from 'lucide-react';
import { useTranslations } from 'next-intl';
import { Dialog } from 'radix-ui';
import { type KeyboardEvent, useEffect, useId, useRef, useState } from 'react';
import type { Opening } from '#server/core/launcher.ts';
import { AppIcon } from '../launcher/app-icon.tsx';
import type { Tile } from '../launcher/filter-apps.ts';
import { noteOpened } from '../launcher/note-opened.ts';
import { useNewTab } from '../launcher/use-new-tab.ts';
import { leaveFor } from '../unsaved/leaving.ts';
import { type Command, findCommands } from './find-commands.ts';

type Place = { label: string; detail: string; href: string };
type Apps = { kind: 'reading' } | { kind: 'read'; apps: readonly Tile[]; opening: Opening } | { kind: 'failed' };

export function CommandPalette({ places }: { places: readonly Place[] }) {
  const t = useTranslations('shell');
  const [isOpen, setOpen] = useState(false);
  const [apps, setApps] = useState<Apps>({ kind: 'reading' });
  const [search, setSearch] = useState('');
  const [at, setAt] = useState(0);
  const [keys, setKeys] = useState<string | null>(null);
  const listId = useId();
  const isNewTab = useNewTab(apps.kind === 'read' ? apps.opening : 'automatic');
  const form = useRef<HTMLFormElement>(null);

  useEffect(() => {
    const isMac = /mac|iphone|ipad/i.test(navigator.userAgent);
    setKeys(isMac ? '⌘K' : 'Ctrl K');
    function onKey(event: globalThis.KeyboardEvent) {
      if (event.key.toLowerCase() !== 'k' || event.altKey || event.shiftKey) return;
      if (!(isMac ? event.metaKey : event.ctrlKey)) return;
      event.preventDefault();
      setOpen((open) => !open);
    }
    document.addEventListener('keydown', onKey);
    return () => document.removeEventListener('keydown', onKey);
  }, []);

  useEffect(() => {
    if (!isOpen) return;
    setSearch('');
    setAt(0);
    readApps().then(setApps, () => setApps({ kind: 'failed' }));
  }, [isOpen]);

  const commands = findCommands(
    apps.kind === 'read' ? apps.apps : [],
    [
      ...places.map((place) => ({ kind: 'place' as const, id: place.href, ...place })),
      { kind: 'sign-out', id: 'sign-out', label: t('account.signOut'), detail: '' },
    ],
    search,
  );
  const chosen = commands[Math.min(at, commands.length - 1)];

  function go(command: Command) {
    if (command.kind === 'sign-out') return form.current?.requestSubmit();
    if (command.kind === 'app') noteOpened(command.id);
    if (command.kind === 'app' && isNewTab) open(command.href, '_blank', 'noopener');
    else leaveFor(() => location.assign(command.href));
    setOpen(false);
  }

  function onKeyDown(event: KeyboardEvent) {
    const step = { ArrowDown: 1, ArrowUp: -1 }[event.key];
    if (step !== undefined) setAt((commands.length + Math.min(at, commands.length - 1) + step) % commands.length);
    else if (event.key === 'Home') setAt(0);
    else if (event.key === 'End') setAt(commands.length - 1);
    else if (event.key === 'Enter' && chosen && !event.nativeEvent.isComposing) go(chosen);
    else return;
    event.preventDefault();
  }

  function status(): string {
    if (apps.kind === 'reading') return t('palette.reading');
    if (apps.kind === 'failed') return t('palette.failed');
    return commands.length === 0 ? t('palette.nothing', { search }) : '';
  }

  return (
    <Dialog.Root open={isOpen} onOpenChange={setOpen}>
      <form ref={form} method="post" action="/sign-out" hidden />
      <Dialog.Trigger
        className="button min-w-9 max-sm:px-2"
        data-kind="quiet"
        aria-label={t('palette.open')}
        aria-keyshortcuts={keys === null ? undefined : keys === '⌘K' ? 'Meta+K' : 'Control+K'}
      >
        <Search size={16} aria-hidden />
        {keys && (
          <kbd aria-hidden className="hidden text-xs text-muted sm:inline">
            {keys}
          </kbd>
        )}
      </Dialog.Trigger>
      <Dialog.Portal>
        <Dialog.Overlay className="fixed inset-0 z-40 bg-scrim" />
        <Dialog.Content
          aria-describedby={undefined}
          className="card fixed top-[12vh] start-1/2 z-50 flex max-h-[70vh] w-[calc(100vw-2rem)] max-w-xl -translate-x-1/2 flex-col rtl:translate-x-1/2 overflow-hidden shadow-raised outline-none"
        >
          <Dialog.Title className="sr-only">{t('palette.open')}</Dialog.Title>
          <div className="flex items-center gap-3 border-b border-line px-4">
            <Search size={18} aria-hidden className="flex-none text-muted" />
            <input
              role="combobox"
              aria-label={t('palette.question')}
              aria-expanded={commands.length > 0}
              aria-controls={listId}
              aria-activedescendant={chosen ? `${listId}-${chosen.id}` : undefined}
              aria-autocomplete="list"
              autoComplete="off"
              spellCheck={false}
              placeholder={t('palette.placeholder')}
              value={search}
              onChange={(event) => {
                setSearch(event.target.value);
                setAt(0);
              }}
              onKeyDown={onKeyDown}
              className="min-h-13 w-full bg-transparent text-base outline-none placeholder:text-muted"
            />
          </div>
          <ul
            id={listId}
            // biome-ignore lint/a11y/noNoninteractiveElementToInteractiveRole: the list of a combobox (ARIA 1.2 combobox)
            role="listbox"
            aria-label={t('palette.list')}
            className="m-0 overflow-y-auto p-1.5"
          >
            {commands.map((command, place) => (
              <Option
                key={command.id}
                id={`${listId}-${command.id}`}
                command={command}
                isChosen={command === chosen}
                onPoint={() => setAt(place)}
                onChoose={() => go(command)}
              />
            ))}
          </ul>
          <p role="status" className="px-4 pb-3 text-sm text-muted empty:hidden">
            {status()}
          </p>
        </Dialog.Content>
      </Dialog.Portal>
    </Dialog.Root>
  );
}

function Option(props: { id: string; command: Command; isChosen: boolean; onPoint(): void; onChoose(): void }) {
  const { command, isChosen } = props;
  const row = useRef<HTMLLIElement>(null);
  useEffect(() => {
    if (isChosen) row.current?.scrollIntoView({ block: 'nearest' });
  }, [isChosen]);
  return (
    // biome-ignore lint/a11y/useKeyWithClickEvents: the combobox has the focus and the keys (aria-activedescendant)
    <li
      ref={row}
      id={props.id}
      // biome-ignore lint/a11y/noNoninteractiveElementToInteractiveRole: an option of a combobox (ARIA 1.2 combobox)
      role="option"
      tabIndex={-1}
      aria-selected={isChosen}
      onPointerMove={props.onPoint}
      onClick={props.onChoose}
      className="flex cursor-pointer items-center gap-3 rounded-lg px-2.5 py-2 aria-selected:bg-sunken"
    >
      <Icon command={command} />
      <span className="min-w-0 flex-1 truncate">
        <span className="font-medium">{command.label}</span>
        {command.detail && <span className="ms-2.5 text-sm text-muted">{command.detail}</span>}
      </span>
      {isChosen && <CornerDownLeft size={14} aria-hidden className="flex-none text-muted" />}
    </li>
  );
}

function Icon({ command }: { command: Command }) {
  if (command.kind === 'app') return <AppIcon app={{ ...command, name: command.label }} size="small" />;
  const Drawn = command.kind === 'sign-out' ? LogOut : Settings2;
  return (
    <span aria-hidden className="grid size-7 flex-none place-items-center text-muted">
      <Drawn size={16} />
    </span>
  );
}

async function readApps(): Promise<Apps> {
  const answer = await fetch('/launcher/apps', { headers: { accept: 'application/json' } });
  if (!answer.ok) return { kind: 'failed' };
  const { apps, opening }: { apps: readonly Tile[]; opening: Opening } = await answer.json();
  return { kind: 'read', apps, opening };
}
