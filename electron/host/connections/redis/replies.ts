import type { RedisReply } from '../../redis/session.ts';

/** Text of a reply that is text by nature (INFO, names of nodes, modules); empty for anything else. */
export function replyText(reply: RedisReply | undefined): string {
  if (Buffer.isBuffer(reply)) return reply.toString('utf8');
  return typeof reply === 'string' || typeof reply === 'number' || typeof reply === 'bigint' ? String(reply) : '';
}

export function replyList(reply: RedisReply | undefined): RedisReply[] {
  return Array.isArray(reply) ? reply : [];
}

/** A flat list of names and values (RESP2's form of a map). */
export function replyMap(reply: RedisReply | undefined): Map<string, RedisReply> {
  const list = replyList(reply);
  const map = new Map<string, RedisReply>();
  for (let at = 0; at + 1 < list.length; at += 2) map.set(replyText(list[at]), list[at + 1] as RedisReply);
  return map;
}

/** The `name:value` lines of INFO and CLUSTER INFO. */
export function infoFields(text: string): Map<string, string> {
  const fields = new Map<string, string>();
  for (const line of text.split(/\r?\n/)) {
    const colon = line.indexOf(':');
    if (colon > 0 && !line.startsWith('#')) fields.set(line.slice(0, colon), line.slice(colon + 1));
  }
  return fields;
}
