"use strict";
// The individuals that this page holds, unpacked when they are asked for.
window.report = {};

report.unpacked = (async () => {
  const packed = document.getElementById("individuals")?.textContent;
  if (!packed || typeof DecompressionStream === "undefined") return null;
  const bytes = Uint8Array.from(atob(packed), character => character.charCodeAt(0));
  const stream = new Blob([bytes]).stream().pipeThrough(new DecompressionStream("gzip"));
  const rows = await new Response(stream).json();
  const numbers = Object.keys(rows).map(Number);
  return {
    numbers,
    fitness: numbers.map(number => rows[number].fitness ?? null), // in the order of numbers
    parents: numbers.map(number => rows[number].parents ?? []),
    // {state, alive, genome, fitness, parents, mutation: [name, details] or null, updates (of the policy that proposed it)
    // or null, metrics, reason}; undefined if not held.
    get(number) {
      const row = rows[number], missing = { alive: false, fitness: null, parents: [], mutation: null, updates: null };
      return row && { ...missing, metrics: {}, reason: null, ...row };
    },
  };
})();
