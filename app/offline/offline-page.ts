// The script of the offline page: its words in the reader's language, what was kept on this device, and trying again by itself.

import { accentStyle } from '#server/core/brand.ts';
import { WORKER } from '#server/core/installed.ts';
import { directionOf } from '#server/core/language.ts';
import { LANGUAGE_COOKIE } from '../i18n/cookie-names.ts';
import { forgetKept, type Kept, readKept } from './kept.ts';
import { lastSeen } from './seen.ts';

type Texts = Record<string, string>;

/** Foyer is asked this often while the page is in front; a device that comes online asks at once. */
const ASK_EVERY_MS = 10_000;

const texts = readTexts();
const seen = lastSeen();
const product = seen?.look.company || 'Foyer';
let isAsking = false;

wear();
show();
addEventListener('offline', show);
addEventListener('online', () => {
  show();
  void tryAgain();
});
document.addEventListener('visibilitychange', () => void tryAgain());
setInterval(() => void tryAgain(), ASK_EVERY_MS);
element('try-again').addEventListener('click', () => void tryAgain(true));
void readKept(Date.now()).then((kept) => kept && showKept(kept));

function show(): void {
  const state = navigator.onLine ? 'unreachable' : 'offline';
  document.title = `${say(`${state}Title`)} · ${product}`;
  element('title').textContent = say(`${state}Title`);
  element('text').textContent = say(`${state}Text`);
  element('last-seen').textContent = seen === null ? '' : say('lastSeen', { time: timeOf(seen.at) });
  element('try-again').textContent = say('tryAgain');
}

/** The company's name, mark and colour, as the last page had them. A sheet made by script is no inline style. */
function wear(): void {
  element('product').textContent = product;
  if (seen?.look.logo) {
    const mark = document.createElement('img');
    mark.alt = '';
    mark.src = seen.look.logo;
    element('mark').replaceWith(mark);
  }
  if (!seen?.look.accent) return;
  const sheet = new CSSStyleSheet();
  sheet.replaceSync(accentStyle(seen.look.accent));
  document.adoptedStyleSheets = [sheet];
}

/** The worker's own file is never kept and needs no session: it is there when the portal is. */
async function tryAgain(byHand = false): Promise<void> {
  if (isAsking || (!byHand && (document.hidden || !navigator.onLine))) return;
  isAsking = true;
  if (byHand) element('status').textContent = say('trying');
  const answers = await fetch(WORKER, { method: 'HEAD', cache: 'no-store' }).then(
    ({ ok }) => ok,
    () => false,
  );
  if (answers) return location.reload();
  isAsking = false;
  element('status').textContent = '';
  show();
}

function showKept({ apps, until }: Kept): void {
  const section = element('kept');
  section.hidden = false;
  element('kept-title').textContent = say('yourApps');
  element('kept-until').textContent = say('keptUntil', { time: timeOf(until) });
  for (const app of apps) element('kept-apps').append(rowOf(app));
  const forget = element('forget');
  forget.textContent = say('forget');
  forget.addEventListener('click', () => void forgetKept().then(forgotten));
  // A page that stays open shows nothing longer than it may.
  setTimeout(() => void readKept(Date.now()).then((kept) => kept ?? section.remove()), until - Date.now());

  function forgotten() {
    section.remove();
    element('status').textContent = say('forgotten');
  }
}

function rowOf(app: Kept['apps'][number]): HTMLElement {
  const row = document.createElement('li');
  const link = document.createElement('a');
  const icon = document.createElement('span');
  const name = document.createElement('span');
  const host = document.createElement('span');
  link.href = app.href;
  icon.className = app.picture ? 'offline-icon' : `offline-icon ink-${Number(app.ink)}`;
  icon.ariaHidden = 'true';
  if (app.picture) icon.append(pictureOf(app.picture));
  else icon.textContent = app.initials;
  name.className = 'offline-name';
  name.textContent = app.name;
  host.className = 'offline-host';
  host.textContent = app.host;
  link.append(icon, name, host);
  row.append(link);
  return row;
}

function pictureOf(url: string): HTMLImageElement {
  const picture = document.createElement('img');
  picture.alt = '';
  picture.src = url;
  return picture;
}

/** The language that was chosen in Foyer, else the browser's first one that there is. */
function readTexts(): Texts {
  const all: Record<string, Texts> = JSON.parse(element('texts').textContent);
  const chosen = new RegExp(`(?:^|; )${LANGUAGE_COOKIE}=([a-z-]+)`).exec(document.cookie)?.[1];
  const wanted = [chosen ?? '', ...navigator.languages.map((language) => language.split('-')[0] ?? '')];
  const language = wanted.find((each) => each in all) ?? 'en';
  document.documentElement.lang = language;
  document.documentElement.dir = directionOf(language);
  return all[language] ?? {};
}

function say(key: string, values: Texts = {}): string {
  const all: Texts = { ...values, product };
  return (texts[key] ?? '').replace(/\{(\w+)\}/g, (_whole, name: string) => all[name] ?? '');
}

/** In this device's own time zone, which is named. */
function timeOf(at: number): string {
  const options = { weekday: 'short', day: 'numeric', month: 'short', hour: '2-digit', minute: '2-digit' } as const;
  return new Intl.DateTimeFormat(document.documentElement.lang, { ...options, timeZoneName: 'short' }).format(at);
}

function element(id: string): HTMLElement {
  const found = document.getElementById(id);
  if (!found) throw new Error(`The offline page has no ${id}.`);
  return found;
}
