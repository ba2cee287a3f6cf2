// What somebody else has changed meanwhile, part by part: theirs beside yours, and which of them stays.
'use client';
import { useTranslations } from 'next-intl';
import { useEffect, useRef, useState } from 'react';
import type { Unit, UnitChange } from './form-units.ts';

type Props = {
  /** Null until somebody wants to see them. */
  changes: readonly UnitChange[] | null;
  onShow(): void;
  onTake(theirs: readonly Unit[]): void;
};

export function ConflictPanel({ changes, onShow, onTake }: Props) {
  const t = useTranslations('apps.together');
  const heading = useRef<HTMLHeadingElement>(null);
  const [chosen, setChosen] = useState<Partial<Record<Unit, 'mine' | 'theirs'>>>({});
  const isShown = changes !== null;
  useEffect(() => {
    if (isShown) heading.current?.focus();
  }, [isShown]);
  const choiceOf = ({ unit, isMine }: UnitChange) => chosen[unit] ?? (isMine ? 'mine' : 'theirs');
  return (
    <section aria-labelledby="changed-meanwhile" className="mb-6 rounded-xl border border-danger-line p-4">
      <div role="alert">
        <h2 id="changed-meanwhile" ref={heading} tabIndex={-1} className="font-medium outline-none">
          {t('changed')}
        </h2>
      </div>
      <p className="mt-1 text-sm text-muted">{t('changedAbout')}</p>
      {!changes && (
        <button type="button" className="button mt-3" onClick={onShow}>
          {t('show')}
        </button>
      )}
      {changes && changes.length === 0 && <p className="mt-3 text-sm">{t('nothing')}</p>}
      {changes && changes.length > 0 && (
        <div className="mt-3 divide-y divide-line border-y border-line">
          {changes.map((change) => (
            <fieldset key={change.unit} className="min-w-0 py-3">
              <legend className="float-start mb-1.5 w-full text-sm font-medium">{t(`unit.${change.unit}`)}</legend>
              <div className="clear-both grid gap-2 sm:grid-cols-2">
                {(['theirs', 'mine'] as const).map((which) => (
                  <label
                    key={which}
                    className="flex min-w-0 cursor-pointer gap-2.5 rounded-lg border border-line px-3 py-2 has-checked:border-accent has-checked:bg-accent-soft"
                  >
                    <input
                      type="radio"
                      name={`take-${change.unit}`}
                      checked={choiceOf(change) === which}
                      onChange={() => setChosen({ ...chosen, [change.unit]: which })}
                    />
                    <span className="min-w-0 text-sm">
                      <span className="block text-[0.8125rem] text-muted">
                        {which === 'theirs' ? t('theirs') : change.isMine ? t('mine') : t('before')}
                      </span>
                      <span className="block max-h-40 overflow-y-auto break-words whitespace-pre-wrap">
                        {change[which]}
                      </span>
                    </span>
                  </label>
                ))}
              </div>
            </fieldset>
          ))}
        </div>
      )}
      {changes && (
        <button
          type="button"
          className="button mt-4"
          data-kind="primary"
          onClick={() => onTake(changes.filter((each) => choiceOf(each) === 'theirs').map(({ unit }) => unit))}
        >
          {t('take')}
        </button>
      )}
    </section>
  );
}
