/** What V8 writes of a heap, as far as it is read here. */
interface HeapSnapshot {
  readonly snapshot: {
    readonly meta: {
      readonly node_fields: string[];
      readonly edge_fields: string[];
      readonly edge_types: [string[]];
    };
  };
  readonly nodes: number[];
  readonly edges: number[];
  readonly strings: string[];
}

/** Something in a heap that refers to something else. */
interface Retainer {
  readonly node: number;
  readonly by: string;
}

/** The texts of a heap, and who holds them. */
export class Heap {
  readonly #heap: HeapSnapshot;

  constructor(json: string) {
    this.#heap = JSON.parse(json) as HeapSnapshot;
  }

  get texts(): readonly string[] {
    return this.#heap.strings;
  }

  /** For each text that `isWanted`, the shortest way to it from the roots of the heap. */
  waysTo(isWanted: (text: string) => boolean): string[] {
    const { nodes, strings, snapshot } = this.#heap;
    const size = snapshot.meta.node_fields.length;
    const nameAt = snapshot.meta.node_fields.indexOf('name');
    const wanted = new Set(strings.flatMap((text, i) => (isWanted(text) ? [i] : [])));
    const retainers = this.#retainers();
    const ways: string[] = [];
    for (let node = 0; node < nodes.length; node += size) {
      if (wanted.has(nodes[node + nameAt] ?? -1)) ways.push(this.#wayTo(node, retainers));
    }
    return ways;
  }

  #wayTo(node: number, retainers: Map<number, Retainer[]>): string {
    const seen = new Map<number, Retainer | undefined>([[node, undefined]]);
    const queue = [node];
    for (let at = queue.shift(); at !== undefined; at = queue.shift()) {
      // The first node is the root of all.
      if (at === 0) break;
      for (const retainer of retainers.get(at) ?? []) {
        if (seen.has(retainer.node)) continue;
        seen.set(retainer.node, { node: at, by: retainer.by });
        queue.push(retainer.node);
      }
    }
    const steps: string[] = [];
    for (let step = seen.get(0); step; step = seen.get(step.node)) {
      steps.push(`.${step.by} ${this.#name(step.node)}`);
    }
    return steps.length > 0 ? `root ${steps.join(' ')}` : `${this.#name(node)}, held by nobody strongly`;
  }

  #retainers(): Map<number, Retainer[]> {
    const { nodes, edges, strings, snapshot } = this.#heap;
    const {
      node_fields: nodeFields,
      edge_fields: edgeFields,
      edge_types: [types],
    } = snapshot.meta;
    const [countAt, typeAt, nameAt, toAt] = [
      nodeFields.indexOf('edge_count'),
      edgeFields.indexOf('type'),
      edgeFields.indexOf('name_or_index'),
      edgeFields.indexOf('to_node'),
    ];
    const retainers = new Map<number, Retainer[]>();
    let edge = 0;
    for (let node = 0; node < nodes.length; node += nodeFields.length) {
      for (let left = nodes[node + countAt] ?? 0; left > 0; left--, edge += edgeFields.length) {
        const type = types[edges[edge + typeAt] ?? 0];
        if (type === 'weak') continue;
        const name = edges[edge + nameAt] ?? 0;
        const by = type === 'element' || type === 'hidden' ? `[${name}]` : (strings[name] ?? '');
        const to = edges[edge + toAt] ?? 0;
        const known = retainers.get(to);
        if (known) known.push({ node, by });
        else retainers.set(to, [{ node, by }]);
      }
    }
    return retainers;
  }

  #name(node: number): string {
    const { nodes, strings, snapshot } = this.#heap;
    return (strings[nodes[node + snapshot.meta.node_fields.indexOf('name')] ?? 0] ?? '').slice(0, 40);
  }
}
