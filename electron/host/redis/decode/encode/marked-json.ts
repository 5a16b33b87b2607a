import { bytesFromBase64 } from '../../../../../shared/bytes.ts';
import { holds, TreeBuilder, type DecodedTree, type TreeNode } from '../../../../../shared/decode/tree.ts';
import { DecodeFault } from '../fault.ts';

/** Marks that `treeToJson` writes and that can be written back. */
const marks = new Set(['$bytes', '$float', '$map', '$tag']);
const readOnlyMarks: ReadonlyMap<string, string> = new Map([
  ['$call', 'a call'],
  ['$ref', 'a reference'],
]);

/** Puts what `treeToJson` marked back in the place of its marks. */
class Unmark {
  readonly #json: DecodedTree;
  readonly tree = new TreeBuilder(Infinity);

  constructor(json: DecodedTree) {
    this.#json = json;
  }

  #node(id: number | undefined): TreeNode {
    const node = this.#json.nodes[id ?? -1];
    if (node === undefined) throw new DecodeFault('the text holds too many values');
    return node;
  }

  #text(id: number | undefined, mark: string): string {
    const { kind, text } = this.#node(id);
    if (kind !== 'text') throw new DecodeFault(`${mark} has to hold a text`);
    return text;
  }

  value(id: number): number {
    const node = this.#node(id);
    const [first, second] = node.children;
    const name = node.kind === 'map' && first !== undefined ? this.#node(first).text : '';
    const refused = readOnlyMarks.get(name);
    if (refused !== undefined) throw new DecodeFault(`${refused} cannot be written`);
    if (marks.has(name)) return this.#marked(name, node, second);
    const made = this.tree.add(node.kind, node.text, node.start, node.end);
    if (holds(node.kind)) for (const child of node.children) this.tree.attach(made, this.value(child));
    return made;
  }

  #marked(name: string, node: TreeNode, inside: number | undefined): number {
    const { start, end, children } = node;
    if (name === '$tag') {
      if (children.length !== 4 || this.#node(children[2]).text !== '$value') throw new DecodeFault('$tag has to stand with $value alone');
      const made = this.tree.add('tagged', this.#text(inside, name), start, end);
      this.tree.attach(made, this.value(children[3] ?? -1));
      return made;
    }
    if (children.length !== 2) throw new DecodeFault(`${name} has to stand alone`);
    if (name === '$bytes') {
      const text = this.#text(inside, name);
      if (!/^[A-Za-z0-9+/]*={0,2}$/.test(text) || text.length % 4 !== 0) throw new DecodeFault('$bytes has to hold Base64');
      return this.tree.add('bytes', '', start, end, '', bytesFromBase64(text));
    }
    if (name === '$float') {
      const text = this.#text(inside, name);
      if (!/^(?:NaN|-?Infinity)$/.test(text)) throw new DecodeFault('$float has to be NaN, Infinity or -Infinity');
      return this.tree.add('float', text, start, end);
    }
    const made = this.tree.add('map', '', start, end);
    for (const pair of this.#node(inside).children) {
      const { kind, children: both } = this.#node(pair);
      if (kind !== 'list' || both.length !== 2) throw new DecodeFault('$map has to hold pairs: [key, value]');
      for (const one of both) this.tree.attach(made, this.value(one));
    }
    return made;
  }
}

/** The tree that a JSON text with marks means; throws DecodeFault. */
export function unmarked(json: DecodedTree): DecodedTree {
  if (json.total > json.nodes.length) throw new DecodeFault('the text holds too many values');
  const reader = new Unmark(json);
  reader.value(json.root);
  return reader.tree.tree();
}
