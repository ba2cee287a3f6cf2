// The company's mark: sent to Foyer, drawn again by it, and kept when the form is saved.
'use client';
import { useTranslations } from 'next-intl';
import { type ChangeEvent, useRef, useState } from 'react';
import { FieldError } from '../../ui/field.tsx';

const MAX_BYTES = 1_024 * 1_024;

type Props = { logo: string | null; onChange(logo: string | null): void; error: string | undefined };

export function LogoField({ logo, onChange, error }: Props) {
  const t = useTranslations('settings.brand');
  const common = useTranslations('common');
  const input = useRef<HTMLInputElement>(null);
  const [problem, setProblem] = useState<string | null>(null);
  const [isBusy, setBusy] = useState(false);

  async function onPick(event: ChangeEvent<HTMLInputElement>) {
    const file = event.target.files?.[0];
    if (!file) return;
    event.target.value = '';
    setProblem(null);
    if (file.size > MAX_BYTES) return setProblem(t('refused.size'));
    setBusy(true);
    const answer = await send(file);
    setBusy(false);
    if ('src' in answer) return onChange(answer.src);
    setProblem('sentence' in answer ? answer.sentence : t(`refused.${answer.refused}`));
  }

  async function send(file: File): Promise<{ src: string } | { refused: Refused } | { sentence: string }> {
    try {
      const response = await fetch('/admin/settings/logo', { method: 'POST', body: file });
      const answer = await response.json();
      if (typeof answer.src === 'string') return { src: answer.src };
      const refused = answer.errors?.logo;
      return isRefused(refused) ? { refused } : { sentence: answer.sentence ?? common('noAnswer') };
    } catch {
      return { sentence: common('noAnswer') };
    }
  }

  return (
    <div>
      <span id="logo-label" className="mb-1.5 block text-sm font-medium">
        {t('logo')}
      </span>
      <div className="flex flex-wrap items-center gap-2">
        {logo && (
          // biome-ignore lint/performance/noImgElement: a data URL of a few KB is there already
          <img src={logo} alt="" className="me-2 h-9 w-auto max-w-40 rounded-md" />
        )}
        <input
          ref={input}
          type="file"
          accept="image/png,image/jpeg,image/webp,image/gif"
          tabIndex={-1}
          aria-labelledby="logo-label"
          className="sr-only"
          onChange={(event) => void onPick(event)}
        />
        <button type="button" className="button" disabled={isBusy} onClick={() => input.current?.click()}>
          {isBusy ? t('logoBusy') : logo ? t('logoReplace') : t('logoPick')}
        </button>
        {logo && (
          <button type="button" className="button" data-kind="quiet" onClick={() => onChange(null)}>
            {common('remove')}
          </button>
        )}
      </div>
      <p className="mt-1.5 text-[0.8125rem] text-muted">{t('logoHint')}</p>
      <div role="status">
        <FieldError id="field-logo" error={problem ?? error} />
      </div>
    </div>
  );
}

const REFUSED = ['size', 'format', 'pixels', 'damaged'] as const;
type Refused = (typeof REFUSED)[number];

function isRefused(value: unknown): value is Refused {
  return REFUSED.some((reason) => reason === value);
}
