// The search of a list: an ordinary GET form, so that a search has an address.

export function SearchForm({ label, search }: { label: string; search: string }) {
  return (
    <search>
      <form method="get" className="mb-4 max-w-sm">
        <input type="search" name="q" defaultValue={search} aria-label={label} placeholder={label} className="field" />
      </form>
    </search>
  );
}
