import { jsonPath, readJson, type JsonTree } from '../json-tree.ts';

export interface JsonDifference {
  path: string;
  /** JSON text of each side; `null` where the path is not there. */
  left: string | null;
  right: string | null;
}

/** Each path with its text: scalars and empty containers. A member that is there twice keeps its last value's path once more, with its number. */
function leaves(tree: JsonTree): Map<string, string> {
  const found = new Map<string, string>();
  for (const [index, node] of tree.nodes.entries()) {
    if (node.children > 0) continue;
    const path = jsonPath(tree, index);
    let unique = path;
    for (let again = 2; found.has(unique); again += 1) unique = `${path} (${again})`;
    found.set(unique, tree.source.slice(node.start, node.end));
  }
  return found;
}

/** Differences of two JSON texts by path: order of members and spaces do not matter, digits of numbers do. `null` when one is no JSON. */
export function diffJson(left: string, right: string): JsonDifference[] | null {
  const [a, b] = [readJson(left), readJson(right)];
  if (a === null || b === null) return null;
  const [mine, theirs] = [leaves(a), leaves(b)];
  const differences: JsonDifference[] = [];
  for (const [path, text] of mine) {
    const other = theirs.get(path) ?? null;
    if (other !== text) differences.push({ path, left: text, right: other });
  }
  for (const [path, text] of theirs) if (!mine.has(path)) differences.push({ path, left: null, right: text });
  return differences;
}
