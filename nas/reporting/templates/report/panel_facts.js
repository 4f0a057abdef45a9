"use strict";
// What is known of an individual, as a list of names and values.
(() => {
  const { html } = report;
  const MOST_CHILDREN = 12;
  const UNITS = [[86400, "d"], [3600, "h"], [60, "min"], [1, "s"]];
  const SIZES = [[1e12, "T"], [1e9, "G"], [1e6, "M"], [1e3, "k"]];

  function duration(seconds) {
    if (seconds < 10) return `${seconds.toFixed(1)} s`;
    const total = Math.round(seconds), first = UNITS.findIndex(([size]) => total >= size);
    const amounts = UNITS.map(([size, unit], place) =>
      [Math.floor((place ? total % UNITS[place - 1][0] : total) / size), unit]);
    return amounts.slice(first, first + 2).filter(([amount]) => amount).map(part => part.join(" ")).join(" ");
  }

  function quantity(value) {
    const [size, letter] = SIZES.find(([least]) => Math.abs(value) >= least) ?? [1, ""];
    return `${Number((value / size).toPrecision(3))} ${letter}`.trim();
  }

  // Of metrics that we know: what they are called, and how their values are read.
  const METRICS = new Map(Object.entries({
    valid_accuracy: ["validation accuracy", report.fitness],
    valid_accuracy_sd: ["its standard deviation", report.fitness],
    valid_loss: ["validation loss", report.fitness],
    parameters: ["parameters", report.count],
    multiply_adds: ["multiply-adds", report.count],
    train_examples: ["training examples", report.count],
    train_flops: ["training FLOPs", quantity],
    train_s: ["training", duration],
    queue_s: ["waiting", duration],
    simulated_s: ["simulated time", duration],
    latency_ms: ["latency", value => `${report.short(value)} ms`],
    inherited_tensors: ["inherited tensors", value => `${report.short(100 * value)} %`],
    inherited_elements: ["inherited elements", value => `${report.short(100 * value)} %`],
  }));
  const ORDER = [...METRICS.keys()];

  function metric(name, value) {
    if (value === null) return [name, "none"];
    if (typeof value === "boolean") return [name, value ? "yes" : "no"];
    if (typeof value !== "number") return [name, typeof value === "string" ? value : JSON.stringify(value)];
    const [words, read] = METRICS.get(name) ?? [name, String];
    return [words, read(value)];
  }

  // Those we know first, in our order, then the others by name.
  function metrics(values) {
    const place = name => (ORDER.indexOf(name) + ORDER.length + 1) % (ORDER.length + 1);
    return Object.entries(values).sort(([a], [b]) => place(a) - place(b) || (a < b ? -1 : 1)).map(entry => metric(...entry));
  }

  const shown = value => Array.isArray(value) ? value.map(shown).join("; ") : value !== null && typeof value === "object" ?
    Object.entries(value).map(([key, item]) => `${key} ${shown(item)}`).join(", ") : report.short(value);

  // Rank among those of its fidelity that the page holds, which are all, or the best of all and others.
  function rank(individuals, fitness, fidelity) {
    const told = individuals.fitness.filter((value, row) => value !== null && individuals.fidelity(row) === fidelity);
    const better = told.filter(value => value > fitness).length;
    return better ? `${report.count(better + 1)} of ${report.count(told.length)}` : "the best";
  }

  function children(individuals, number) {
    const found = individuals.numbers.filter((_, row) => individuals.parents[row].includes(number));
    const links = found.slice(0, MOST_CHILDREN).flatMap(child => [report.link(child), " "]);
    return found.length > MOST_CHILDREN ? [...links, `and ${report.count(found.length - MOST_CHILDREN)} more`] : links;
  }

  // A dl; `total` is how many individuals the journal has.
  report.facts = (individuals, number, total) => {
    const individual = individuals.get(number), whole = individuals.numbers.length === total;
    const list = html("dl", { class: "pairs" });
    const add = (name, ...value) => list.append(html("dt", {}, name), html("dd", {}, ...value));
    if (individual.fitness !== null) {
      const fidelity = individuals.fidelity(individuals.row(number)), place = rank(individuals, individual.fitness, fidelity);
      add("fitness", report.fitness(individual.fitness));
      if (fidelity !== null) add("fidelity", fidelity);
      if (whole || place === "the best") add("rank", place);
    }
    if (individual.state === "told") add("at the end", individual.alive ? "alive" : "dead");
    else add("state", individual.state);
    if (individual.reason !== null) add("reason", individual.reason);
    if (individual.mutation) {
      const [name, details] = individual.mutation;
      const rest = Object.entries(details).map(([key, value]) => `${key} ${shown(value)}`).join(", ");
      add("mutation", name.replaceAll("_", " "), ...rest ? [html("span", { class: "details-of" }, rest)] : []);
    }
    const { parents } = individual, links = parents.flatMap(parent => [report.link(parent), " "]);
    if (links.length) add(parents.length > 1 ? "parents" : "parent", ...links);
    else add("came by", report.origin(individual));
    const born = children(individuals, number);
    if (born.length) add(whole ? "children" : "children here", ...born);
    for (const [name, value] of metrics(individual.metrics)) add(name, value);
    return list;
  };
})();
