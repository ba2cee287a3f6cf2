// An app's icon: the uploaded picture, one of the glyphs that Foyer brings, or its initials. Decoration: the name stands beside it.
import {
  Archive,
  BookOpen,
  Building2,
  Calendar,
  ChartNoAxesColumn,
  Clock,
  Cloud,
  Code,
  Database,
  FileText,
  Folder,
  Globe,
  IdCard,
  Image,
  KeyRound,
  type LucideIcon,
  Mail,
  Map as MapGlyph,
  MessageSquare,
  Phone,
  Printer,
  Server,
  Shield,
  ShoppingCart,
  SquareTerminal,
  Ticket,
  Truck,
  Users,
  Video,
  Wallet,
  Wrench,
} from 'lucide-react';
import type { AppIcon as Icon, ShippedIcon } from '#server/core/app.ts';
import { initials, ink } from './monogram.ts';

const GLYPHS: Record<ShippedIcon, LucideIcon> = {
  book: BookOpen,
  document: FileText,
  folder: Folder,
  archive: Archive,
  mail: Mail,
  chat: MessageSquare,
  phone: Phone,
  video: Video,
  calendar: Calendar,
  clock: Clock,
  people: Users,
  badge: IdCard,
  ticket: Ticket,
  chart: ChartNoAxesColumn,
  wallet: Wallet,
  cart: ShoppingCart,
  truck: Truck,
  building: Building2,
  map: MapGlyph,
  globe: Globe,
  code: Code,
  terminal: SquareTerminal,
  database: Database,
  server: Server,
  cloud: Cloud,
  shield: Shield,
  key: KeyRound,
  wrench: Wrench,
  printer: Printer,
  image: Image,
};

const SIZES = {
  large: { box: 'size-10 text-[0.9375rem]', glyph: 20, edge: 40 },
  middle: { box: 'size-8 text-[0.8125rem]', glyph: 17, edge: 32 },
  small: { box: 'size-7 text-xs', glyph: 15, edge: 28 },
} as const;

type Props = { app: { id: string; name: string; icon: Icon }; size: keyof typeof SIZES };

export function AppIcon({ app: { id, name, icon }, size }: Props) {
  const { box, glyph, edge } = SIZES[size];
  if (icon.kind === 'uploaded')
    return (
      // biome-ignore lint/performance/noImgElement: made small on the server already, and Next's optimiser is off
      <img
        src={`/launcher/icons/${icon.sha256}`}
        alt=""
        width={edge}
        height={edge}
        loading="lazy"
        decoding="async"
        className={`flex-none rounded-lg object-contain ${box}`}
      />
    );
  const Glyph = icon.kind === 'shipped' ? GLYPHS[icon.name] : null;
  return (
    <span aria-hidden className={`monogram ink-${ink(id)} ${box}`}>
      {Glyph ? <Glyph size={glyph} strokeWidth={1.75} /> : initials(name)}
    </span>
  );
}
