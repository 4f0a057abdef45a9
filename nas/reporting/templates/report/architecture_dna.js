"use strict";
// DNA as nas/reporting/figures/dna.py reads it and nas/reporting/drawings/dna.py draws it, in one column.
(() => {
  const PITCH = 26, BOX = 20, LEAST = 92, LANE = 7, BESIDE = 11, MARGIN = 8, APART = 4, ROUND = 5;
  const { svg, at } = report;
  const rounded = value => Math.floor(value + 0.5);
  const side = half => 2 * rounded(half) + 1;
  const kernel = conv => [side(conv.filter_half_height), side(conv.filter_half_width)];
  const stride = conv => 2 ** Math.min(rounded(conv.stride_scale), 30);
  const sides = ([height, width]) => `${height}×${width}`;

  const NUMBERS = ["depth_factor", "filter_half_height", "filter_half_width", "stride_scale"];
  const isEdge = (edge, count) => Number.isInteger(edge?.source) && Number.isInteger(edge.target) && edge.source >= 0 &&
    edge.source < edge.target && edge.target < count &&
    (edge.conv === undefined || NUMBERS.every(name => Number.isFinite(edge.conv?.[name])));
  report.isDna = genome => {
    const { vertices, edges, learning_rate } = Object(genome);
    return Array.isArray(vertices) && Array.isArray(edges) && Number.isFinite(learning_rate) && vertices.length > 1 &&
      vertices.every(vertex => typeof vertex?.type === "string") && edges.every(edge => isEdge(edge, vertices.length)) &&
      vertices.every((_, place) => place === 0 || edges.some(({ source, target }) => source + 1 === place && target === place));
  };

  // Edges into each vertex, the backbone's last.
  const intoEach = ({ vertices, edges }) => {
    const into = vertices.map(() => []);
    for (const edge of edges) into[edge.target].push(edge);
    for (const found of into) found.sort((a, b) => a.source - b.source);
    return into;
  };

  report.dnaWords = genome => {
    const { short } = report;
    const from = ({ source, conv }) => `from ${source} by ` + (conv ? `${kernel(conv).join("x")} convolution, ` +
      `${short(conv.depth_factor)} times its channels, stride ${stride(conv)}` : "identity");
    const lines = intoEach(genome).map((into, place, { length }) =>
      `${place} ${place === 0 ? "input" : place === length - 1 ? "output" : genome.vertices[place].type}` +
      (into.length ? `: ${into.map(from).join(" + ")}` : ""));
    return [`learning rate ${short(genome.learning_rate)}`, ...lines];
  };

  // [channels, height, width] of every vertex, as nas/search_spaces/dna_shapes.py plans them.
  function shapes(intos, image) {
    const found = [];
    for (const into of intos) {
      if (!into.length) { found.push(image); continue; }
      const given = into.map(({ source, conv }) => {
        const [channels, height, width] = found[source];
        if (!conv) return [channels, height, width];
        const step = stride(conv);
        return [Math.max(1, rounded(conv.depth_factor * channels)), Math.ceil(height / step), Math.ceil(width / step)];
      });
      const first = key => into.reduce((best, edge, place) => edge[key] > into[best][key] ? place : best, 0);
      const [, height, width] = given[first("scale_precedence")];
      found.push([given[first("depth_precedence")][0], height, width]);
    }
    return found;
  }

  // Vertices that one layer stands for are neighbours, and nothing joins or leaves between them.
  function layersOf(genome, image) {
    const intos = intoEach(genome), shape = image && shapes(intos, image), { vertices, edges } = genome;
    const isSkip = ({ source, target }) => source + 1 < target;
    const sources = new Set(edges.filter(isSkip).map(({ source }) => source));
    const layerOf = [], starts = [];
    let left = false;
    vertices.forEach(({ type }, place) => {
      const joins = place > 0 && (intos[place].length > 1 || intos[place].at(-1).conv);
      if (place === 0 || joins || (type === "bn_relu" && (left || layerOf.at(-1) === 0))) {
        starts.push(place);
        left = false;
      }
      layerOf.push(starts.length - 1);
      left ||= sources.has(place);
    });

    const layer = (start, end) => {
      const norms = vertices.slice(start, end).filter(({ type }) => type === "bn_relu").length;
      const rectified = norms ? [norms === 1 ? "BN + R" : `(BN + R)×${norms}`] : [];
      const label = first => [first, ...rectified].join(" + ");
      if (start === 0)
        return { kind: "input", label: label("Input"), details: image ? `${image[0]} · ${sides(image.slice(1))}` : "" };
      const conv = intos[start].at(-1).conv;
      if (!conv) return { kind: norms ? "norm" : "sum", label: rectified[0] ?? "+", details: "" };
      const factor = report.short(conv.depth_factor);
      const channels = shape ? String(shape[start][0]) : factor === "1" ? "" : `×${factor}`;
      const size = kernel(conv), step = stride(conv);
      const details = [channels, size.every(one => one === 3) ? "" : sides(size), step > 1 ? `/${step}` : ""];
      return { kind: "conv", label: label("C"), details: details.filter(Boolean).join(" · ") };
    };
    const layers = starts.map((start, place) => layer(start, starts[place + 1] ?? vertices.length));
    layers.push({ kind: "pool", label: "Global Pool", details: shape ? sides(shape.at(-1).slice(1)) : "" });
    layers.push({ kind: "output", label: "Output", details: "" });
    const skips = edges.filter(isSkip).map(({ source, target, conv }) => ({
      source: layerOf[source], target: layerOf[target], label: conv ? `C ${sides(kernel(conv))} /${stride(conv)}` : "",
    }));
    return { layers, skips };
  }

  // A lane for each skip: those that overlap get different ones, short ones the first.
  function lanesOf(skips) {
    const taken = [], lanes = new Map(), length = skip => skip.target - skip.source;
    for (const skip of [...skips].sort((a, b) => length(a) - length(b) || a.source - b.source)) {
      let lane = taken.findIndex(spans => spans.every(other => skip.target <= other.source || other.target <= skip.source));
      if (lane < 0) lane = taken.push([]) - 1;
      taken[lane].push(skip);
      lanes.set(skip, lane);
    }
    return { lanes, count: taken.length };
  }

  report.drawDna = (genome, image) => {
    const { layers, skips } = layersOf(genome, image), { lanes, count } = lanesOf(skips);
    const wide = Math.max(LEAST, ...layers.map(({ label, details }) =>
      14 + 6.7 * label.length + (details ? 14 + 6 * details.length : 0)));
    const left = MARGIN + (count ? BESIDE + LANE * (count - 1) : 0);
    const width = left + wide + MARGIN, height = MARGIN + layers.length * PITCH - (PITCH - BOX) + MARGIN;
    const middle = layer => MARGIN + (layers.length - 1 - layer) * PITCH + BOX / 2;

    const links = layers.slice(1).map((_, layer) => report.path(
      [[left + wide / 2, middle(layer) - BOX / 2], [left + wide / 2, middle(layer + 1) + BOX / 2]], ROUND)).join("");
    const drawnSkips = skips.map(skip => {
      const low = middle(skip.source) - APART, high = middle(skip.target) + APART;
      const lane = left - BESIDE - LANE * lanes.get(skip);
      const d = report.path([[left, low], [lane, low], [lane, high], [left, high]], ROUND);
      return svg("g", { "data-skip": `${skip.source}-${skip.target}` }, svg("path", { d, class: "skip" }),
        svg("path", { d: `M${at(left)} ${at(high)}l-5 -3v6z`, class: "skip-end" }),
        svg("title", {}, `skip: ${skip.label || "identity"}`));
    });
    const classes = { input: "state", output: "state", conv: "op conv", pool: "op pool" };
    const boxes = layers.map(({ kind, label, details }, layer) => {
      const y = middle(layer) - BOX / 2, textY = at(y + BOX / 2 + 4);
      return svg("g", { "data-layer": label },
        svg("rect", { x: at(left), y: at(y), width: at(wide), height: BOX, rx: kind.endsWith("put") ? 10 : 4, class: classes[kind] ?? "op" }),
        svg("text", { x: at(details ? left + 7 : left + wide / 2), y: textY, class: details ? "label start" : "label" }, label),
        ...details ? [svg("text", { x: at(left + wide - 7), y: textY, class: "details" }, details)] : []);
    });
    return report.figure("dna", width, height, `Network: ${report.dnaWords(genome).join("; ")}.`,
      [svg("path", { d: links, class: "edge" }), ...drawnSkips, ...boxes]);
  };
})();
