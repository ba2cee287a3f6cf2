// Where a person's apps open. Kept as soon as it is chosen.
'use client';
import { useTranslations } from 'next-intl';
import { type ChangeEvent, useState } from 'react';
import { OPENINGS, type Opening } from '#server/core/launcher.ts';
import { setOpeningAction } from '../launcher/actions.ts';
import { SelectField } from '../ui/field.tsx';

const KEYS = { automatic: 'automatic', 'new-tab': 'newTab', 'same-window': 'sameWindow' } as const;

export function OpeningField({ opening: kept }: { opening: Opening }) {
  const t = useTranslations('launcher.opening');
  const ta = useTranslations('account.preferences');
  const [opening, setOpening] = useState(kept);
  const [outcome, setOutcome] = useState<'kept' | 'notKept' | null>(null);

  async function onChange(event: ChangeEvent<HTMLSelectElement>) {
    const next = event.target.value as Opening;
    setOpening(next);
    setOutcome(null);
    const result = await setOpeningAction(next).catch(() => null);
    setOutcome(result?.kind === 'saved' ? 'kept' : 'notKept');
    if (result?.kind !== 'saved') setOpening(opening);
  }

  return (
    <div>
      <SelectField label={t('label')} name="opening" value={opening} onChange={onChange} hint={t('hint')}>
        {OPENINGS.map((each) => (
          <option key={each} value={each}>
            {t(KEYS[each])}
          </option>
        ))}
      </SelectField>
      <p role="status" className={`mt-1.5 text-sm ${outcome === 'notKept' ? 'text-danger' : 'text-ok'}`}>
        {outcome && ta(outcome)}
      </p>
    </div>
  );
}
