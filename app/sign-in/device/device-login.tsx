// The code, then which command line it is, then approve or refuse: three steps on one page, none of them taken by opening a link.
'use client';
import { useTranslations } from 'next-intl';
import { type FormEvent, useEffect, useRef, useState } from 'react';
import type { DeviceRequest } from '#server/store/device-logins.ts';
import { FormProblem } from '../../admin/form/form-parts.tsx';
import { useSave } from '../../admin/form/use-save.ts';
import { Field } from '../../ui/field.tsx';
import { Time } from '../../ui/time.tsx';
import { approveDeviceLoginAction, findDeviceLoginAction, refuseDeviceLoginAction } from './actions.ts';

type Step = { kind: 'code' } | { kind: 'decide'; asked: DeviceRequest } | { kind: 'approved' | 'refused' };

export function DeviceLogin({ code, email }: { code: string; email: string }) {
  const t = useTranslations('device');
  const save = useSave();
  const [step, setStep] = useState<Step>({ kind: 'code' });

  function find(event: FormEvent<HTMLFormElement>) {
    event.preventDefault();
    const typed = String(new FormData(event.currentTarget).get('code') ?? '');
    save.look(findDeviceLoginAction(typed), (asked) => setStep({ kind: 'decide', asked }));
  }

  function decide(kind: 'approved' | 'refused', { userCode }: DeviceRequest) {
    const action = kind === 'approved' ? approveDeviceLoginAction(userCode) : refuseDeviceLoginAction(userCode);
    save.look(action, () => setStep({ kind }));
  }

  if (step.kind === 'approved' || step.kind === 'refused') return <Over kind={step.kind} />;
  if (step.kind === 'decide') {
    const { asked } = step;
    return (
      <section aria-labelledby="device-asks">
        <FormProblem save={save} known={[]} />
        <Asked asked={asked} email={email} />
        <div className="mt-6 flex flex-wrap gap-3">
          <button
            type="button"
            className="button"
            data-kind="primary"
            disabled={save.isSaving}
            onClick={() => decide('approved', asked)}
          >
            {t('approve')}
          </button>
          <button type="button" className="button" disabled={save.isSaving} onClick={() => decide('refused', asked)}>
            {t('refuse')}
          </button>
        </div>
      </section>
    );
  }
  return (
    <form onSubmit={find} noValidate className="grid gap-5">
      <FormProblem save={save} known={['code']} />
      <Field
        label={t('code')}
        name="code"
        defaultValue={code}
        hint={t('codeHint')}
        error={save.errors.code}
        autoComplete="off"
        autoCapitalize="characters"
        spellCheck={false}
        required
        className="font-mono tracking-widest uppercase"
      />
      <div>
        <button type="submit" className="button" data-kind="primary" disabled={save.isSaving}>
          {t('next')}
        </button>
      </div>
    </form>
  );
}

function Asked({ asked, email }: { asked: DeviceRequest; email: string }) {
  const t = useTranslations('device');
  const heading = useFocus();
  const facts = [
    [t('machine'), asked.machine],
    ...(asked.os ? [[t('system'), asked.os]] : []),
    [t('address'), asked.address || t('unknown')],
  ];
  return (
    <>
      <h2 id="device-asks" ref={heading} tabIndex={-1} className="font-medium outline-none">
        {t('asks', { code: asked.userCode })}
      </h2>
      <dl className="card mt-3 grid gap-x-6 gap-y-2 px-5 py-4 text-[0.9375rem] sm:grid-cols-[auto_minmax(0,1fr)]">
        {facts.map(([name, value]) => (
          <div key={name} className="contents">
            <dt className="text-muted">{name}</dt>
            <dd className="break-words">{value}</dd>
          </div>
        ))}
        <dt className="text-muted">{t('since')}</dt>
        <dd>
          <Time at={asked.createdAt} />
        </dd>
      </dl>
      {!asked.isHere && <p className="mt-3 rounded-lg bg-warn-soft px-3.5 py-3 text-sm text-warn">{t('elsewhere')}</p>}
      <p className="mt-3 text-[0.9375rem]">{t('onlyYours', { code: asked.userCode })}</p>
      <p className="mt-2 text-sm text-muted">{t('effect', { email })}</p>
    </>
  );
}

function Over({ kind }: { kind: 'approved' | 'refused' }) {
  const t = useTranslations('device');
  const heading = useFocus();
  return (
    <section>
      <h2 ref={heading} tabIndex={-1} className="font-medium outline-none">
        {t(kind)}
      </h2>
      <p className="mt-1.5 text-[0.9375rem] text-muted">{t(`${kind}About`)}</p>
      <a className="button mt-5" href="/machines">
        {t('toMachines')}
      </a>
    </section>
  );
}

/** What takes the place of a form is read out, and the keyboard goes on from there. */
function useFocus() {
  const heading = useRef<HTMLHeadingElement>(null);
  useEffect(() => heading.current?.focus(), []);
  return heading;
}
