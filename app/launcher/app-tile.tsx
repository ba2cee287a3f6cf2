// One app: a link over all of it, and what can be done with it beside. As a tile, or as a row of the list.
'use client';
import { ArrowLeft, ArrowRight, Info, Star } from 'lucide-react';
import { useTranslations } from 'next-intl';
import type { ReactNode } from 'react';
import type { LauncherView } from '#server/core/launcher.ts';
import { AppIcon } from './app-icon.tsx';
import { AppLink } from './app-link.tsx';
import { AppStateWords, isDisturbed } from './app-state-words.tsx';
import type { LauncherApp } from './launcher-app.ts';

type Props = {
  app: LauncherApp;
  view: LauncherView;
  isFavourite: boolean;
  onFavourite(isFavourite: boolean): void;
  onDetails(): void;
  /** Of a favourite: one place earlier or later, where there is one. */
  onMove?: { earlier?: () => void; later?: () => void };
};

export function AppTile({ app, view, ...props }: Props) {
  const text = app.description || app.host;
  const buttons = <Buttons name={app.name} {...props} onMove={props.onMove ?? {}} />;
  const state = <AppStateWords state={app.state} />;
  const tone = isDisturbed(app.state) ? 'tile-state text-warn' : 'tile-state';
  if (view === 'list')
    return (
      <li className="tile tile-row card">
        <AppIcon app={app} size="middle" />
        <span className="tile-text">
          <AppLink app={app} className="tile-link" />
          <span className="tile-about">{text}</span>
          <span className={tone}>{state}</span>
        </span>
        <span className="tile-buttons">{buttons}</span>
      </li>
    );
  return (
    <li className="tile card">
      <AppIcon app={app} size="large" />
      <span className="tile-text">
        <AppLink app={app} className={props.onMove ? 'tile-link tile-link-moves' : 'tile-link'} />
        <span className="tile-about">{text}</span>
        <span className={tone}>{state}</span>
      </span>
      <span className="tile-buttons">{buttons}</span>
    </li>
  );
}

/** An app that was opened lately: no more than its name. */
export function AppChip({ app }: { app: LauncherApp }) {
  return (
    <li className="min-w-0">
      <AppLink
        app={app}
        className="card flex items-center gap-2.5 py-1.5 ps-2 pe-3.5 no-underline transition-colors motion-reduce:transition-none hover:border-strong hover:bg-sunken"
      >
        <AppIcon app={app} size="small" />
        <span className="truncate text-[0.9375rem]">{app.name}</span>
      </AppLink>
    </li>
  );
}

function Buttons(props: Omit<Props, 'app' | 'view'> & { name: string; onMove: NonNullable<Props['onMove']> }) {
  const t = useTranslations('launcher');
  const { name, isFavourite, onFavourite, onDetails, onMove } = props;
  return (
    <>
      {onMove.earlier && (
        <TileButton label={t('moveEarlier', { name })} onClick={onMove.earlier} isQuiet>
          <ArrowLeft size={16} aria-hidden className="rtl:-scale-x-100" />
        </TileButton>
      )}
      {onMove.later && (
        <TileButton label={t('moveLater', { name })} onClick={onMove.later} isQuiet>
          <ArrowRight size={16} aria-hidden className="rtl:-scale-x-100" />
        </TileButton>
      )}
      <TileButton label={t('details.open', { name })} onClick={onDetails} isQuiet>
        <Glyph name="info" />
      </TileButton>
      <TileButton
        label={t(isFavourite ? 'removeFavourite' : 'addFavourite', { name })}
        onClick={() => onFavourite(!isFavourite)}
        isQuiet={!isFavourite}
      >
        <Glyph name={isFavourite ? 'star-filled' : 'star'} />
      </TileButton>
    </>
  );
}

function TileButton(props: { label: string; onClick(): void; isQuiet: boolean; children: ReactNode }) {
  return (
    <button
      type="button"
      aria-label={props.label}
      title={props.label}
      onClick={props.onClick}
      className={props.isQuiet ? 'tile-button tile-button-quiet' : 'tile-button'}
    >
      {props.children}
    </button>
  );
}

function Glyph({ name }: { name: 'info' | 'star' | 'star-filled' }) {
  return (
    <svg aria-hidden className={`tile-glyph tile-${name}`}>
      <use href={`#tile-${name}`} />
    </svg>
  );
}

/** The drawings of every tile's buttons, once a page. */
export function TileGlyphs() {
  return (
    <svg aria-hidden width={0} height={0} className="absolute">
      <symbol id="tile-info" viewBox="0 0 24 24">
        <Info />
      </symbol>
      <symbol id="tile-star" viewBox="0 0 24 24">
        <Star />
      </symbol>
      <symbol id="tile-star-filled" viewBox="0 0 24 24">
        <Star fill="currentColor" />
      </symbol>
    </svg>
  );
}
