import { entriesOf, type DecodedTree } from '../../../../../shared/decode/tree.ts';

export interface Evidence {
  /** Characters of texts that read as text, in values and keys. */
  letters: number;
  /** Keys that are readable text. */
  names: number;
  containers: number;
  /** Texts with control characters, and what a format calls text but is not. */
  odd: number;
}

// oxlint-disable-next-line no-control-regex -- control characters speak against it
const control = /[\u0000-\u0008\u000b\u000e-\u001f\u007f]/;

/** What speaks for a tree being meant, and not a chance reading: names and words. The first 2,000 nodes tell. */
export function evidenceOf(tree: DecodedTree): Evidence {
  const evidence = { letters: 0, names: 0, containers: 0, odd: 0 };
  for (const node of tree.nodes.slice(0, 2000)) {
    if (node.kind === 'text') {
      if (control.test(node.text)) evidence.odd += 1;
      else evidence.letters += node.text.length;
    } else if (node.kind === 'map' || node.kind === 'list') evidence.containers += 1;
    if (node.kind !== 'map') continue;
    for (let at = 0; at < node.children.length; at += 2) {
      const key = tree.nodes[node.children[at] as number];
      if (key?.kind === 'text' && key.text !== '' && !control.test(key.text)) evidence.names += 1;
    }
  }
  return evidence;
}

/**
 * How sure a format without a magic number is when all bytes are one valid value. A random byte string of a few bytes
 * can be a small array or map; names and words can not come about by chance.
 */
export function selfDescribing(tree: DecodedTree, bytes: number, format: string): { confidence: number; reason: string } {
  const root = tree.nodes[tree.root];
  const { letters, names, containers, odd } = evidenceOf(tree);
  const what = root === undefined ? 'value' : root.kind === 'map' ? `map of ${entriesOf(root)}` : root.kind === 'list' ? `array of ${entriesOf(root)}` : root.kind;
  const reason = `all ${bytes} bytes are one ${format} ${what}`;
  if (odd > 0 && odd * 4 >= names + 1) return { confidence: 0.3, reason: `${reason}, with texts that do not read as text` };
  if (names > 0 && letters >= 1 && letters < 3) return { confidence: 0.85, reason: `${reason} with readable names` };
  if (names > 0 && letters >= 3) return { confidence: 0.98, reason: `${reason} with readable names` };
  if (letters >= 6) return { confidence: root?.kind === 'list' ? 0.92 : 0.8, reason: `${reason} with readable text` };
  if (containers > 0 && bytes >= 24) return { confidence: 0.8, reason: `${reason}, ${tree.total} values` };
  if (containers > 0 && bytes >= 8) return { confidence: 0.6, reason: `${reason}, but so short that it can be chance` };
  return { confidence: 0.2, reason: `${reason}, but so short that it can be chance` };
}
