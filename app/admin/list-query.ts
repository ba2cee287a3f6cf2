// The query of a list page, from its address: what to search, and which page.

export const PAGE_SIZE = 50;

export type ListParams = Promise<{ q?: string | string[]; page?: string | string[] }>;

export async function listQuery(
  params: ListParams,
): Promise<{ search: string; page: number; offset: number; limit: number }> {
  const { q, page } = await params;
  const search = typeof q === 'string' ? q.slice(0, 200) : '';
  const number = typeof page === 'string' && /^[1-9]\d{0,5}$/.test(page) ? Number(page) : 1;
  return { search, page: number, offset: (number - 1) * PAGE_SIZE, limit: PAGE_SIZE };
}
