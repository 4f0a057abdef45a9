"use strict";
// The individuals that this page holds, unpacked when they are asked for; nas/reporting/packing.py packs them.
window.report = {};

report.unpacked = (async () => {
  const packed = document.getElementById("individuals")?.textContent;
  if (!packed || typeof DecompressionStream === "undefined") return null;
  const bytes = Uint8Array.from(atob(packed), character => character.charCodeAt(0));
  const stream = new Blob([bytes]).stream().pipeThrough(new DecompressionStream("gzip"));
  const columns = await new Response(stream).json();
  const rows = new Map(columns.number.map((number, row) => [number, row])), alive = new Set(columns.alive);

  const listed = ({ values, rows: places }, row) => values[places[row]];

  function genomeText(row) {
    const later = [];
    for (; columns.genome[row].length > 1; row = columns.genome[row][0]) later.push(columns.genome[row]);
    let text = columns.genome[row][0];
    for (const [, head, tail, between] of later.reverse())
      text = text.slice(0, head) + between + text.slice(text.length - tail);
    return text;
  }

  function dna({ dna: layers, learning_rate }) {
    const edge = target => ([distance, depth_precedence, scale_precedence, ...conv]) => {
      const [depth_factor, filter_half_height, filter_half_width, stride_scale] = conv;
      const made = { source: target - distance, target, depth_precedence, scale_precedence };
      if (conv.length) made.conv = { depth_factor, filter_half_height, filter_half_width, stride_scale };
      return made;
    };
    const edges = layers.flatMap(([, ...into], target) => into.map(edge(target)));
    return { learning_rate, vertices: layers.map(([type]) => ({ type })), edges };
  }

  function genome(row) {
    const made = JSON.parse(genomeText(row));
    return made !== null && typeof made === "object" && Array.isArray(made.dna) ? dna(made) : made;
  }

  function metrics(row) {
    const found = {};
    for (const [name, values] of Object.entries(columns.metrics)) {
      const value = values[row];
      if (value !== null) found[name] = Array.isArray(value) ? null : value;
    }
    return found;
  }

  return {
    numbers: columns.number,
    fitness: columns.fitness, // in the order of numbers
    parents: columns.parents,
    // Of the individual in a row: what its evaluation was reduced to, null for a full one.
    fidelity: row => listed(columns.fidelity, row),
    row: number => rows.get(number),
    // {state, alive, genome, fitness, parents, mutation: [name, details] or null, updates (of the policy that proposed it)
    // or null, metrics, reason}; undefined if not held.
    get(number) {
      const row = rows.get(number);
      if (row === undefined) return undefined;
      const mutation = listed(columns.mutation, row);
      return {
        state: listed(columns.state, row),
        alive: alive.has(number),
        updates: listed(columns.updates, row),
        fitness: columns.fitness[row],
        parents: columns.parents[row],
        mutation: mutation === null ? null : JSON.parse(mutation),
        reason: listed(columns.reason, row),
        metrics: metrics(row),
        genome: genome(row),
      };
    },
    // Where the marks of individuals lie across, in per cent, by number.
    places(axis) {
      const values = columns.places[axis] ?? [];
      return new Map(columns.number.map((number, row) => [number, values[row]]));
    },
  };
})();
