// Paths of an app that other upstreams serve.
'use client';
import { Plus, X } from 'lucide-react';
import { Field, FieldError } from '../../ui/field.tsx';
import { useRows } from '../form/rows.ts';
import type { ShownRoute } from './shown-app.ts';
import { UpstreamFields } from './upstream-fields.tsx';

type Props = { routes: readonly ShownRoute[]; errors: Record<string, string> };

const LIST = 'traffic.routes';

export function RouteFields({ routes, errors }: Props) {
  const { rows, add, remove } = useRows(routes);
  return (
    <div className="grid min-w-0 gap-4">
      <p className="text-[0.8125rem] text-muted">
        The longest path that fits decides, whole segments only. Everything else goes to the app’s own upstream. All
        live in the app’s site.
      </p>
      {rows.map(({ key, value }, at) => {
        const path = `${LIST}.${at}`;
        return (
          <fieldset key={key} className="grid min-w-0 gap-4 rounded-lg border border-line p-3.5">
            <legend className="sr-only">Path {at + 1}</legend>
            <div className="flex items-start gap-2">
              <div className="min-w-0 grow">
                <Field
                  label={`Path ${at + 1}`}
                  name={`${path}.prefix`}
                  defaultValue={value?.prefix}
                  placeholder="/api"
                  spellCheck={false}
                  autoCapitalize="none"
                  autoComplete="off"
                  error={errors[`${path}.prefix`] ?? errors[path]}
                />
              </div>
              <button
                type="button"
                className="button mt-[1.625rem] px-2.5"
                data-kind="quiet"
                aria-label={`Remove path ${at + 1}`}
                onClick={() => remove(key)}
              >
                <X size={16} aria-hidden />
              </button>
            </div>
            <UpstreamFields path={`${path}.upstream`} upstream={value?.upstream} errors={errors} />
          </fieldset>
        );
      })}
      <FieldError id={`field-${LIST}`} error={errors[LIST]} />
      <div>
        <button type="button" className="button" data-kind="quiet" onClick={add}>
          <Plus size={16} aria-hidden />
          Add path
        </button>
      </div>
    </div>
  );
}
