// The id that leads an administrator to the log line of this request.
import { useTranslations } from 'next-intl';

export function SupportId({ id }: { id: string | null }) {
  const t = useTranslations('common');
  if (!id) return null;
  return (
    <p className="notice-support">
      {t('supportId')} <code>{id}</code>
    </p>
  );
}
