// The admin area opens at the first area that the person's role includes.
import { redirect } from 'next/navigation';
import { adminAreas } from './areas.ts';
import { enter } from './enter.ts';

export default async function AdminPage() {
  const { session } = await enter('apps.read');
  redirect(adminAreas(session.identity.role)[0]?.href ?? '/');
}
