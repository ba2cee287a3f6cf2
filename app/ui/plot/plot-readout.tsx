// What a plot's lines are at the moment that the pointer is on. A convenience: the table says the same to everybody.
'use client';
import { type PointerEvent, useState } from 'react';

type Props = { moments: readonly string[]; lines: readonly { name: string; texts: readonly string[] }[] };

export function PlotReadout({ moments, lines }: Props) {
  const [at, setAt] = useState<number | null>(null);
  const last = moments.length - 1;

  function onPointerMove(event: PointerEvent<SVGSVGElement>) {
    const { left, width } = event.currentTarget.getBoundingClientRect();
    const share = Math.min(1, Math.max(0, (event.clientX - left) / width));
    setAt(Math.round(share * last));
  }

  return (
    <>
      <svg
        width="100%"
        height="148"
        aria-hidden="true"
        className="absolute inset-0"
        onPointerMove={onPointerMove}
        onPointerLeave={() => setAt(null)}
      >
        <rect width="100%" height="100%" fill="transparent" />
        {at !== null && (
          <line x1={`${(at / last) * 100}%`} x2={`${(at / last) * 100}%`} y1="16" y2="100%" className="plot-cursor" />
        )}
      </svg>
      {at !== null && (
        <div
          aria-hidden="true"
          className={`pointer-events-none absolute top-0 z-10 rounded-md border border-line bg-surface px-2.5 py-1.5 text-xs shadow-raised ${at > last / 2 ? 'start-0' : 'end-0'}`}
        >
          <div className="text-muted">{moments[at]}</div>
          {lines.map(({ name, texts }) => (
            <div key={name} className="flex justify-between gap-3 tabular-nums">
              <span className="text-muted">{name}</span>
              {texts[at]}
            </div>
          ))}
        </div>
      )}
    </>
  );
}
