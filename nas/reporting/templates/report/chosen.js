"use strict";
// Shows one individual below the progress figure: chosen by a click on its mark, by its number, or from the table.
(async () => {
  const form = document.getElementById("chooser");
  const individuals = await report.unpacked;
  if (!form || !individuals) return;

  const input = document.getElementById("number");
  const panel = document.getElementById("chosen");
  const marks = new Map();
  for (const mark of document.querySelectorAll("#plot [data-n]")) marks.set(Number(mark.dataset.n), mark);

  const make = (tag, text) => Object.assign(document.createElement(tag), { textContent: text });
  const inputs = ["h[i−1]", "h[i−2]"];
  const isCells = genome => genome !== null && typeof genome === "object" && genome.normal && genome.reduction;

  function cellLines(name, cell) {
    const combinations = cell.combinations ?? cell;
    const term = ([op, state]) => `${op} of ${inputs[state] ?? state}`;
    return [`${name} cell`, ...combinations.map((pair, k) => `  ${k + 2} = ${pair.map(term).join(" + ")}`)].join("\n");
  }

  const short = value => typeof value === "number" ? String(Number(value.toPrecision(3))) : String(value);
  const shown = value => Array.isArray(value) ? value.map(shown).join("; ") : value !== null && typeof value === "object" ?
    Object.entries(value).map(([key, item]) => `${key} ${shown(item)}`).join(", ") : short(value);

  function dnaLines(genome) {
    const side = half => 2 * Math.floor(half + 0.5) + 1;
    const edge = ({source, conv}) => `from ${source} by ` + (conv ?
      `${side(conv.filter_half_height)}x${side(conv.filter_half_width)} convolution, ${short(conv.depth_factor)} times its ` +
      `channels, stride ${2 ** Math.floor(conv.stride_scale + 0.5)}` : "identity");
    const lines = genome.vertices.map((vertex, at) => {
      const edges = genome.edges.filter(({target}) => target === at).map(edge);
      return `${at} ${at === 0 ? "input" : at === genome.vertices.length - 1 ? "output" : vertex.type}` +
        (edges.length ? `: ${edges.join(" + ")}` : "");
    });
    return [`learning rate ${short(genome.learning_rate)}`, ...lines].join("\n");
  }

  function architecture(genome) {
    if (Array.isArray(genome?.vertices) && Array.isArray(genome.edges)) return dnaLines(genome);
    if (isCells(genome)) return ["normal", "reduction"].map(name => cellLines(name, genome[name])).join("\n\n");
    return typeof genome === "string" ? genome : JSON.stringify(genome, null, 1);
  }

  function facts(number, individual) {
    const list = make("dl", "");
    list.className = "pairs";
    const add = (name, value) => list.append(make("dt", name), make("dd", value));
    add("number", String(number));
    add("state", individual.state);
    if (individual.fitness !== null) add("fitness", String(individual.fitness));
    if (individual.reason !== null) add("reason", individual.reason);
    if (individual.mutation) {
      const details = Object.entries(individual.mutation[1]).map(([key, value]) => `${key} ${shown(value)}`).join(", ");
      add("mutation", individual.mutation[0] + (details && ` (${details})`));
    }
    if (individual.parents.length) add("parents", individual.parents.join(", "));
    for (const [name, value] of Object.entries(individual.metrics)) add(name, String(value));
    return list;
  }

  function show(number) {
    const individual = individuals.get(number);
    if (!individual && !(Number.isInteger(number) && number >= 0 && number <= Number(input.max))) return;
    for (const mark of document.querySelectorAll("#plot .chosen")) mark.classList.remove("chosen");
    marks.get(number)?.classList.add("chosen");
    input.value = number;
    panel.replaceChildren(...individual ? [facts(number, individual), make("pre", architecture(individual.genome))] :
      [make("p", `Individual ${number} is not in the sample that this page holds; the journal has it.`)]);
    panel.dataset.number = number;
    panel.hidden = false;
    history.replaceState(history.state, "", `#individual-${number}`);
  }

  form.hidden = false;
  form.addEventListener("submit", event => { event.preventDefault(); show(Number(input.value)); });
  input.addEventListener("input", () => { if (input.value !== "") show(Number(input.value)); });
  document.getElementById("plot")?.addEventListener("click", event => {
    const mark = event.target.closest("[data-n]");
    if (mark) show(Number(mark.dataset.n));
  });
  document.addEventListener("click", event => {
    const link = event.target.closest("[data-show]");
    if (link) { show(Number(link.dataset.show)); input.focus(); }
  });
  const named = /^#individual-(\d+)$/.exec(location.hash);
  if (named) show(Number(named[1]));
  document.documentElement.dataset.ready = "true";
})();
