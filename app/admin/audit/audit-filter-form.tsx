// The audit's filters: an ordinary GET form, so that what one looks at has an address to send to a colleague.
import type { AuditFilters } from '#server/store/audit.ts';

export function AuditFilterForm({ filters }: { filters: AuditFilters }) {
  return (
    <search>
      <form method="get" className="mb-5 grid gap-2 sm:grid-cols-2 xl:grid-cols-[1fr_1fr_1fr_9rem_auto]">
        <input
          name="person"
          defaultValue={filters.person}
          aria-label="Person (e-mail)"
          placeholder="Person (e-mail)"
          className="field"
        />
        <input
          name="action"
          defaultValue={filters.action}
          aria-label="Action"
          placeholder="Action, e.g. sign-in"
          className="field"
        />
        <input
          name="supportId"
          defaultValue={filters.supportId}
          aria-label="Support id"
          placeholder="Support id"
          className="field"
        />
        <select name="outcome" defaultValue={filters.outcome ?? ''} aria-label="Outcome" className="field">
          <option value="">Any outcome</option>
          <option value="allowed">allowed</option>
          <option value="refused">refused</option>
          <option value="done">done</option>
        </select>
        <div className="flex gap-2">
          <button type="submit" className="button">
            Filter
          </button>
          {Object.keys(filters).length > 0 && (
            <a className="button" data-kind="quiet" href="/admin/audit">
              Clear
            </a>
          )}
        </div>
      </form>
    </search>
  );
}
