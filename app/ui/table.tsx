// A list of things. On a narrow screen the first column stays and the others follow below it, each under its own name.
import type { ReactNode } from 'react';

export function Table({ label, heads, children }: { label: string; heads: readonly string[]; children: ReactNode }) {
  return (
    <div className="card overflow-hidden">
      <table aria-label={label} className="w-full border-collapse text-sm">
        <thead className="max-md:sr-only">
          <tr className="border-b border-line text-left text-[0.8125rem] text-muted">
            {heads.map((head) => (
              <th key={head} scope="col" className="px-4 py-2.5 font-medium">
                {head || <span className="sr-only">Actions</span>}
              </th>
            ))}
          </tr>
        </thead>
        <tbody className="divide-y divide-line">{children}</tbody>
      </table>
    </div>
  );
}

export function Row({ children }: { children: ReactNode }) {
  return <tr className="block py-2.5 hover:bg-sunken md:table-row">{children}</tr>;
}

export function Cell({ children, className = '' }: { children: ReactNode; className?: string }) {
  return (
    <td className={`block min-w-0 px-4 py-0.5 align-top break-words md:table-cell md:py-3 ${className}`}>{children}</td>
  );
}
