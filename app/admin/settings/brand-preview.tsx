// What a name and a colour make of a page, in light and in dark, and whether text in the colour can be read.
'use client';
import { useTranslations } from 'next-intl';
import { useEffect, useRef } from 'react';
import { accentOf, accentProblem } from '#server/core/brand.ts';
import { Logo } from '../../ui/logo.tsx';

const OWN = {
  light: { accent: '#3451c7', onAccent: '#ffffff' },
  dark: { accent: '#8da2fb', onAccent: '#10131f' },
} as const;
const PAGES = {
  light: { surface: '#ffffff', text: '#18181b', line: '#e4e4e7' },
  dark: { surface: '#161618', text: '#ececee', line: '#2a2a2e' },
} as const;

type Shown = { company: string; accent: string | null; logo: string | null };

export function BrandPreview({ company, accent, logo }: Shown) {
  const t = useTranslations('settings.brand');
  const problem = accent && accentProblem(accent);
  const shades = accent && !problem ? accentOf(accent) : OWN;
  return (
    <div>
      <p className="mb-1.5 text-sm font-medium">{t('preview')}</p>
      <div className="grid gap-3 sm:grid-cols-2">
        <Sample name={t('light')} page={PAGES.light} {...shades.light} company={company} logo={logo} />
        <Sample name={t('dark')} page={PAGES.dark} {...shades.dark} company={company} logo={logo} />
      </div>
      <p role="status" className={`mt-1.5 text-[0.8125rem] ${problem ? 'text-danger' : 'text-muted'}`}>
        {problem ? t('unreadable', { ratio: problem.ratio.toFixed(1), instead: problem.instead }) : t('readable')}
      </p>
    </div>
  );
}

type Page = (typeof PAGES)[keyof typeof PAGES];

/** The content security policy knows no style attributes: what depends on a choice is set on the element itself. */
function Sample(props: {
  name: string;
  page: Page;
  accent: string;
  onAccent: string;
  company: string;
  logo: string | null;
}) {
  const { page, accent, onAccent, company, logo } = props;
  const t = useTranslations('settings.brand');
  const frame = useRef<HTMLDivElement>(null);
  useEffect(() => {
    const { style } = frame.current ?? {};
    style?.setProperty('--surface', page.surface);
    style?.setProperty('--text', page.text);
    style?.setProperty('--line', page.line);
    style?.setProperty('--accent', accent);
    style?.setProperty('--on-accent', onAccent);
  }, [page, accent, onAccent]);
  return (
    <div
      ref={frame}
      role="img"
      aria-label={props.name}
      className="rounded-xl border border-line bg-surface p-4 text-text"
    >
      <div className="flex items-center gap-2 text-sm font-semibold tracking-tight">
        {/* biome-ignore lint/performance/noImgElement: a data URL of a few KB is there already */}
        {logo ? <img src={logo} alt="" className="h-6 w-auto max-w-40" /> : <Logo />}
        {company || 'Foyer'}
      </div>
      <div className="mt-4 flex items-center gap-3 text-[0.8125rem]">
        <span className="rounded-lg bg-accent px-3 py-1.5 font-medium text-on-accent">{t('sampleButton')}</span>
        <span className="text-accent">{t('sampleLink')}</span>
      </div>
    </div>
  );
}
