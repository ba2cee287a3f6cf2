// The form. Without script it is a plain form; with script a refusal is shown in place and nothing typed is lost.
'use client';
import { KeyRound } from 'lucide-react';
import { useTranslations } from 'next-intl';
import { type FormEvent, useRef, useState } from 'react';
import { forgetKept } from '../offline/kept.ts';
import { Field } from '../ui/field.tsx';
import { problemSentence } from './problem-sentence.ts';

type Props = {
  to: string;
  providers: readonly { id: string; name: string }[];
  isLocal: boolean;
  problem: string | null;
  note: string | null;
};

export function SignInForm({ to, providers, isLocal, problem: firstProblem, note }: Props) {
  const t = useTranslations('signIn');
  const [problem, setProblem] = useState(firstProblem);
  const [busy, setBusy] = useState<string | null>(null);
  const form = useRef<HTMLFormElement>(null);

  async function send(target: string, who: string) {
    if (busy || !form.current) return;
    setBusy(who);
    setProblem(null);
    const fields = new URLSearchParams();
    for (const [name, value] of new FormData(form.current)) if (typeof value === 'string') fields.set(name, value);
    // A fragment never reaches a server by itself, and a link such as /go/wiki#page came here with its own.
    if (!to.includes('#')) fields.set('to', `${to}${location.hash}`);
    fields.set('json', 'true');
    // Whoever signs in now: what an earlier session kept here is gone first, whatever becomes of the connection.
    if ('caches' in window) await forgetKept();
    const next = await ask(t, target, fields);
    if ('url' in next) {
      // A navigation, never a submitted form: the provider's own redirects are then free of our form-action.
      window.location.assign(next.url);
      return;
    }
    setBusy(null);
    setProblem(next.sentence);
    const password = form.current.elements.namedItem('password');
    if (password instanceof HTMLInputElement) password.select();
  }

  function onSubmit(event: FormEvent) {
    event.preventDefault();
    void send('/auth/callback/credentials', 'local');
  }

  return (
    <form ref={form} method="post" action="/auth/callback/credentials" onSubmit={onSubmit} className="grid gap-4">
      <input type="hidden" name="to" value={to} />
      <div aria-live="polite" className="contents">
        {problem && (
          <p role="alert" className="rounded-lg bg-danger-soft px-3 py-2.5 text-sm text-danger">
            {problem}
          </p>
        )}
        {note && !problem && <p className="rounded-lg bg-ok-soft px-3 py-2.5 text-sm text-ok">{note}</p>}
      </div>
      {isLocal && (
        <>
          <Field label={t('email')} name="email" type="email" autoComplete="username" required autoFocus={!problem} />
          <Field label={t('password')} name="password" type="password" autoComplete="current-password" required />
        </>
      )}
      <fieldset className="grid gap-0.5">
        <legend className="mb-1 text-sm font-medium">{t('device')}</legend>
        <DeviceChoice value="standard" label={t('standard')} defaultChecked />
        <DeviceChoice value="my-device" label={t('myDevice')} />
        <KeepChoice />
        <DeviceChoice value="shared" label={t('shared')} />
      </fieldset>
      {isLocal && (
        <button type="submit" className="button" data-kind="primary" disabled={busy !== null}>
          {busy === 'local' ? t('busy') : t('action')}
        </button>
      )}
      {isLocal && providers.length > 0 && (
        <div className="flex items-center gap-3 text-[0.8125rem] text-muted">
          <span className="h-px flex-1 bg-line" />
          {t('or')}
          <span className="h-px flex-1 bg-line" />
        </div>
      )}
      {providers.map(({ id, name }) => (
        <button
          key={id}
          type="button"
          className="button"
          data-kind={isLocal ? undefined : 'primary'}
          disabled={busy !== null}
          onClick={() => void send(`/auth/signin/${id}`, id)}
        >
          <KeyRound size={16} aria-hidden />
          {busy === id ? t('goingTo', { name }) : t('continueWith', { name })}
        </button>
      ))}
      {providers.length > 0 && (
        <noscript>
          <p className="text-sm text-muted">{t('noScript')}</p>
        </noscript>
      )}
    </form>
  );
}

function DeviceChoice({ value, label, defaultChecked }: { value: string; label: string; defaultChecked?: boolean }) {
  return (
    <label className="flex gap-2.5 py-0.5 text-[0.9375rem] text-muted has-checked:text-text">
      <input type="radio" name="device" value={value} defaultChecked={defaultChecked} />
      {label}
    </label>
  );
}

/** Shown with the device that it belongs to; the server asks for both. */
function KeepChoice() {
  const t = useTranslations('offline.keep');
  return (
    <div className="hidden ps-6.5 pb-1.5 [:has([value=my-device]:checked)>&]:block">
      <label className="flex gap-2.5 py-0.5 text-[0.9375rem]">
        <input type="checkbox" name="keep" value="yes" aria-describedby="keep-hint" />
        {t('label')}
      </label>
      <p id="keep-hint" className="ps-6.5 text-sm text-muted">
        {t('hint')}
      </p>
    </div>
  );
}

async function ask(
  t: ReturnType<typeof useTranslations<'signIn'>>,
  target: string,
  fields: URLSearchParams,
): Promise<{ url: string } | { sentence: string }> {
  try {
    const response = await fetch(target, { method: 'POST', body: fields });
    const answer = await response.json();
    if (typeof answer.url === 'string') return { url: answer.url };
    const { kind = 'unavailable', retryAfterMs = 0 } = answer.problem ?? {};
    return { sentence: problemSentence(t, { kind, waitSeconds: retryAfterMs / 1000 }) };
  } catch {
    return { sentence: problemSentence(t, { kind: 'unavailable' }) };
  }
}
