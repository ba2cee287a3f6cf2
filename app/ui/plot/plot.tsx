// Lines over time: drawn on the server, so that they are there without a script; in words for those who do not see them, and as a table.
import { useFormatter, useTranslations } from 'next-intl';
import { PlotReadout } from './plot-readout.tsx';
import { BOX, shapeOf } from './plot-shape.ts';
import { momentText, type Unit, valueText } from './plot-text.ts';

export type Series = { name: string; values: readonly (number | null)[] };
type Props = {
  title: string;
  /** Beginnings of the steps, epoch milliseconds; each series has a value for each. */
  steps: readonly number[];
  series: readonly Series[];
  unit: Unit;
  /** What stands there while there is nothing to draw. */
  empty: string;
  /** The name of an only line says more than the title. */
  isNamed?: boolean;
  isWide?: boolean;
};

/** Above and below the lines, in pixels: for the names of the grid and of the times. */
const [TOP, PLOT, BOTTOM] = [16, 132, 22];

export function Plot({ title, steps, series, unit, empty, isNamed = false, isWide = false }: Props) {
  const t = useTranslations('dashboard.plot');
  const format = useFormatter();
  const lengthMs = (steps.at(-1) ?? 0) - (steps[0] ?? 0);
  const isEmpty = series.every(({ values }) => values.every((value) => !value));
  const moments = steps.map((at) => momentText(format, at, lengthMs));
  const first = steps.findIndex((_, at) => series.some(({ values }) => (values[at] ?? null) !== null));
  const summaries = series.map(({ name, values }) => summaryOf(name, values));

  function summaryOf(name: string, values: readonly (number | null)[]): string {
    const measured = values.filter((value) => value !== null);
    if (measured.length === 0) return t('notMeasured', { name });
    const say = (value: number) => valueText(format, value, unit);
    return t('summary', {
      name,
      least: say(Math.min(...measured)),
      most: say(Math.max(...measured)),
      last: say(measured.at(-1) ?? 0),
    });
  }

  return (
    <figure className={`plot card min-w-0 px-4 pt-3.5 pb-3 ${isWide ? 'xl:col-span-2' : ''}`}>
      <figcaption className="flex flex-wrap items-baseline justify-between gap-x-3">
        <span className="font-medium">{title}</span>
        {!isEmpty && first > 0 && (
          <span className="text-[0.8125rem] text-muted">{t('since', { moment: moments[first] ?? '' })}</span>
        )}
      </figcaption>
      {isEmpty ? (
        <p className="grid h-[10.625rem] place-items-center text-center text-sm text-muted">{empty}</p>
      ) : (
        <>
          {(isNamed || series.length > 1) && <Legend series={series} />}
          <Drawing series={series} moments={moments} unit={unit} />
          <ul className="sr-only">
            {summaries.map((summary) => (
              <li key={summary}>{summary}</li>
            ))}
          </ul>
          <PlotTable title={title} moments={moments} series={series} unit={unit} />
        </>
      )}
    </figure>
  );
}

function Legend({ series }: { series: readonly Series[] }) {
  return (
    <ul aria-hidden className="mt-1 flex flex-wrap gap-x-4 gap-y-0.5 text-[0.8125rem] text-muted">
      {series.map(({ name }, at) => (
        <li key={name} className="flex items-center gap-1.5">
          <svg width="22" height="8" aria-hidden="true">
            <path d="M1,4H21" className="plot-line" data-line={at} />
          </svg>
          {name}
        </li>
      ))}
    </ul>
  );
}

/** The lines are stretched to the width; texts are outside of what is stretched. */
function Drawing({ series, moments, unit }: { series: readonly Series[]; moments: readonly string[]; unit: Unit }) {
  const format = useFormatter();
  const shape = shapeOf(series.map(({ values }) => values));
  const labels = [0, Math.floor((moments.length - 1) / 2), moments.length - 1];
  return (
    <div className="relative mt-2">
      <svg width="100%" height={TOP + PLOT + BOTTOM} aria-hidden="true" className="block overflow-visible">
        {shape.ticks.map(({ y, value }) => (
          <line key={value} x1="0" x2="100%" y1={TOP + y * PLOT} y2={TOP + y * PLOT} className="plot-grid" />
        ))}
        <line x1="0" x2="100%" y1={TOP + PLOT} y2={TOP + PLOT} className="plot-grid" />
        <svg
          y={TOP}
          width="100%"
          height={PLOT}
          viewBox={`0 0 ${BOX.width} ${BOX.height}`}
          preserveAspectRatio="none"
          aria-hidden="true"
          className="overflow-visible"
        >
          {shape.area && <path d={shape.area} className="plot-area" />}
          {shape.lines.map((path, at) => (
            <path key={series[at]?.name} d={path} className="plot-line" data-line={at} />
          ))}
        </svg>
        {shape.ticks.map(({ y, value }) => (
          <text key={value} x="0" y={TOP + y * PLOT - 4} className="plot-text">
            {valueText(format, value, unit)}
          </text>
        ))}
        {labels.map((at, place) => (
          <text
            key={moments[at]}
            x={`${place * 50}%`}
            y={TOP + PLOT + 16}
            textAnchor={(['start', 'middle', 'end'] as const)[place]}
            className="plot-text"
          >
            {moments[at]}
          </text>
        ))}
      </svg>
      <PlotReadout
        moments={moments}
        lines={series.map(({ name, values }) => ({ name, texts: values.map((each) => valueText(format, each, unit)) }))}
      />
    </div>
  );
}

function PlotTable(props: { title: string; moments: readonly string[]; series: readonly Series[]; unit: Unit }) {
  const { title, moments, series, unit } = props;
  const t = useTranslations('dashboard.plot');
  const format = useFormatter();
  return (
    <details className="mt-1 text-[0.8125rem]">
      <summary className="w-fit cursor-pointer rounded text-muted hover:text-text">
        {t('table')}
        <span className="sr-only">: {title}</span>
      </summary>
      {/* biome-ignore lint/a11y/noNoninteractiveTabindex: what scrolls has to be reached by the keyboard */}
      <section tabIndex={0} aria-label={title} className="mt-2 max-h-64 overflow-auto rounded-md border border-line">
        <table className="w-full border-collapse">
          <thead>
            <tr className="border-b border-line text-start text-muted">
              <th scope="col" className="px-3 py-1.5 text-start font-medium">
                {t('from')}
              </th>
              {series.map(({ name }) => (
                <th key={name} scope="col" className="px-3 py-1.5 text-end font-medium">
                  {name}
                </th>
              ))}
            </tr>
          </thead>
          <tbody>
            {moments.map((moment, at) => (
              <tr key={moment}>
                <th scope="row" className="px-3 py-1 text-start font-normal whitespace-nowrap text-muted">
                  {moment}
                </th>
                {series.map(({ name, values }) => (
                  <td key={name} className="px-3 py-1 text-end tabular-nums">
                    {valueText(format, values[at] ?? null, unit)}
                  </td>
                ))}
              </tr>
            ))}
          </tbody>
        </table>
      </section>
    </details>
  );
}
