// Second: where the app is inside, looked at over the gateway's own way.
'use client';
import { useTranslations } from 'next-intl';
import { type FormEvent, useState } from 'react';
import { parseAddress } from '#server/core/address.ts';
import { templateOf } from '#server/core/app-templates.ts';
import { AreaField, Field, SelectField } from '../../../ui/field.tsx';
import { useProblem } from '../../form/use-problem.ts';
import { probeAction } from '../probe-actions.ts';
import { currentReport, type Draft, probeKey, upstreamInput } from './draft.ts';
import { ProbeResult } from './probe-result.tsx';
import { StepBar, type StepProps } from './wizard.tsx';

export function UpstreamStep({ place, draft, change, errors, setErrors, go }: StepProps) {
  const t = useTranslations('apps.publish');
  const problemOf = useProblem();
  const [isBusy, setBusy] = useState(false);
  const report = currentReport(draft);

  async function probe(about: Draft) {
    setBusy(true);
    setErrors({});
    const input = {
      siteId: about.siteId,
      upstream: upstreamInput(about),
      publicHost: about.host.trim(),
      webSocketPaths: templateOf(about.template)?.webSocketPaths ?? [],
    };
    const result = await probeAction(input).catch(() => null);
    setBusy(false);
    if (result?.kind === 'saved' && result.report) change({ report: result.report, probed: probeKey(about) });
    else {
      setErrors(
        result?.kind === 'invalid'
          ? result.errors
          : { '': result?.kind === 'saved' ? t('probe.busy') : problemOf(result) },
      );
    }
  }

  /** Changes what is typed and looks again at once. */
  function again(parts: Partial<Draft>) {
    change(parts);
    void probe({ ...draft, ...parts });
  }

  function onSubmit(event: FormEvent) {
    event.preventDefault();
    if (report) go('settings');
    else void probe(draft);
  }

  const known = ['siteId', 'upstream.scheme', 'upstream.host', 'upstream.port', 'upstream.tls.pem'];
  const site = place.sites.find(({ id }) => id === draft.siteId);
  // A name is asked for first; an address is refused at once.
  const isRefusedAddress = errors['upstream.host'] !== undefined && parseAddress(draft.upstreamHost.trim()) !== null;
  const isOutside = isRefusedAddress || report?.connect.code === 'not-allowed';
  const others = Object.entries(errors).flatMap(([path, sentence]) => (known.includes(path) ? [] : [sentence]));
  return (
    <form onSubmit={onSubmit} noValidate className="grid gap-5">
      {others.length > 0 && (
        <p role="alert" tabIndex={-1} className="rounded-lg bg-danger-soft px-3 py-2.5 text-sm text-danger">
          {others.join(' ')}
        </p>
      )}
      <SelectField
        label={t('site')}
        name="siteId"
        value={draft.siteId}
        onChange={(event) => change({ siteId: event.target.value })}
        error={errors.siteId}
        hint={t('siteHint')}
      >
        {place.sites.length === 0 && <option value="">{t('noSite')}</option>}
        {place.sites.map(({ id, name }) => (
          <option key={id} value={id}>
            {name}
          </option>
        ))}
      </SelectField>
      {place.sites.length === 0 && (
        <p className="text-sm">
          <a className="link" href="/admin/sites/new">
            {t('addSite')}
          </a>
        </p>
      )}
      <div className="grid gap-4 sm:grid-cols-[7rem_minmax(0,1fr)_6.5rem]">
        <SelectField
          label={t('scheme')}
          name="scheme"
          value={draft.scheme}
          onChange={(event) => change({ scheme: event.target.value === 'https' ? 'https' : 'http' })}
          error={errors['upstream.scheme']}
        >
          <option value="http">http</option>
          <option value="https">https</option>
        </SelectField>
        <Field
          label={t('upstreamHost')}
          name="upstreamHost"
          spellCheck={false}
          autoCapitalize="none"
          autoComplete="off"
          placeholder="wiki.corp.internal"
          value={draft.upstreamHost}
          onChange={(event) => change({ upstreamHost: event.target.value })}
          error={errors['upstream.host']}
        />
        <Field
          label={t('port')}
          name="port"
          inputMode="numeric"
          placeholder={draft.scheme === 'https' ? '443' : '80'}
          value={draft.port}
          onChange={(event) => change({ port: event.target.value })}
          error={errors['upstream.port']}
        />
      </div>
      {site && isOutside && (
        <p className="text-sm">
          <a className="link" href={`/admin/sites/${site.id}`} target="_blank" rel="noreferrer">
            {t('siteRanges', { site: site.name })}
          </a>
        </p>
      )}
      {draft.scheme === 'https' && draft.trust === 'ca' && (
        <AreaField
          label={t('tls.pem')}
          name="pem"
          rows={5}
          spellCheck={false}
          className="font-mono text-[0.8125rem]"
          placeholder="-----BEGIN CERTIFICATE-----"
          value={draft.pem}
          onChange={(event) => change({ pem: event.target.value })}
          error={errors['upstream.tls.pem'] ?? errors['upstream.tls']}
          hint={t('tls.pemHint')}
        />
      )}
      <div role="status" aria-live="polite">
        {isBusy && <p className="text-sm text-muted">{t('probe.looking')}</p>}
        {!isBusy && report && <ProbeResult report={report} draft={draft} onAgain={again} />}
      </div>
      <StepBar
        next={isBusy ? t('probe.lookingShort') : report ? t('on') : t('probe.look')}
        isBusy={isBusy}
        onBack={() => go('name')}
      >
        {report && (
          <button type="button" className="button" disabled={isBusy} onClick={() => void probe(draft)}>
            {t('probe.again')}
          </button>
        )}
        {!report && !isBusy && draft.upstreamHost !== '' && (
          <button type="button" className="button" data-kind="quiet" onClick={() => go('settings')}>
            {t('probe.skip')}
          </button>
        )}
      </StepBar>
    </form>
  );
}
