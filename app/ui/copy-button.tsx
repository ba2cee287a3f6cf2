// Copies a text and says that it did.
'use client';
import { Check, Copy } from 'lucide-react';
import { useTranslations } from 'next-intl';
import { useState } from 'react';

const SHOWN_MS = 1600;

export function CopyButton({ text, label }: { text: string; label: string }) {
  const t = useTranslations('common');
  const [isCopied, setCopied] = useState(false);

  async function copy() {
    await navigator.clipboard.writeText(text);
    setCopied(true);
    setTimeout(() => setCopied(false), SHOWN_MS);
  }

  return (
    <button type="button" className="button px-2.5" data-kind="quiet" aria-label={label} onClick={() => void copy()}>
      {isCopied ? <Check size={16} aria-hidden className="text-ok" /> : <Copy size={16} aria-hidden />}
      <span role="status" className="sr-only">
        {isCopied ? t('copied') : ''}
      </span>
    </button>
  );
}
