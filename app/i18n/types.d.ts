// Makes the texts of English the type of every key.
import type { Language } from '#server/core/language.ts';
import type { Messages } from './messages.ts';

declare module 'next-intl' {
  interface AppConfig {
    Locale: Language;
    Messages: Messages;
  }
}
