// The part of the npm package dns-packet that the codec is compared with; the package ships no types.
declare module 'dns-packet' {
  export type Answer = { type: string; name: string; ttl?: number; data?: unknown };
  export type Packet = {
    id?: number;
    type?: 'query' | 'response';
    flags?: number;
    rcode?: string;
    questions?: { type: string; class?: string; name: string }[];
    answers?: Answer[];
    additionals?: (Answer | { type: 'OPT'; name: '.'; udpPayloadSize: number; flags: number; options: unknown[] })[];
    /** What it reads besides: `opcode`, and a boolean for each flag. */
    [key: string]: unknown;
  };
  const dnsPacket: {
    AUTHORITATIVE_ANSWER: number;
    RECURSION_DESIRED: number;
    encode(packet: Packet): Buffer;
    decode(bytes: Uint8Array): Packet;
  };
  // biome-ignore lint/style/noDefaultExport: this is how the package exports it
  export default dnsPacket;
}
