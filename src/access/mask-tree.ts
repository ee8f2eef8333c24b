import { foldSegment, type Pattern } from "./pattern.ts";

interface Node {
  exact?: number;
  /** The mask of the node and of all below it, where nothing more specific is said. */
  below?: number;
  readonly children: Map<string, Node>;
}

/** Verb masks by component pattern, found in as many steps as the component has segments. */
export class MaskTree {
  readonly #root: Node = { children: new Map() };

  /** Adds a mask; masks of equal patterns are OR-ed. */
  add(pattern: Pattern, mask: number): void {
    let node = this.#root;
    for (const segment of pattern.segments) {
      const next: Node = node.children.get(segment) ?? { children: new Map() };
      node.children.set(segment, next);
      node = next;
    }
    if (pattern.wildcard) node.below = (node.below ?? 0) | mask;
    else node.exact = (node.exact ?? 0) | mask;
  }

  /** What the most specific pattern says: the exact one, else the longest wildcard. `undefined` when none matches. */
  match(component: readonly string[]): number | undefined {
    const { node, below } = this.#walk(component);
    return node?.exact ?? below;
  }

  /** What the longest wildcard says, exact patterns left aside. */
  matchBelow(component: readonly string[]): number | undefined {
    return this.#walk(component).below;
  }

  #walk(component: readonly string[]): { node: Node | undefined; below: number | undefined } {
    let node: Node | undefined = this.#root;
    let below = node.below;
    for (const segment of component) {
      node = node.children.get(foldSegment(segment));
      if (node === undefined) break;
      below = node.below ?? below;
    }
    return { node, below };
  }
}
