"use strict";
// Cells as nas/reporting/figures/cells.py places them and nas/reporting/drawings/cells.py draws them.
(() => {
  const OP = { width: 70, height: 26, gap: 8 }, RISE = 18, SUM = 8, STATE = { width: 76, height: 26 }, MARGIN = 16;
  const UNIT = { width: 2 * OP.width + OP.gap, height: OP.height + RISE + SUM }, PITCH = UNIT.height + 40;
  const FAMILIES = new Map(Object.entries({ dil: "dil", sep: "sep", conv: "conv", avg: "pool", max: "pool", min: "pool" }));
  const { svg, at } = report;

  report.stateName = state => ["h[i−1]", "h[i−2]"][state] ?? String(state);

  const isState = (state, made) => Number.isInteger(state) && state >= 0 && state < made;
  const isCombination = (pair, k) => Array.isArray(pair) && pair.length === 2 &&
    pair.every(element => Array.isArray(element) && typeof element[0] === "string" && isState(element[1], k + 2));

  function readCell(name, given) {
    const combinations = Array.isArray(given) ? given : given?.combinations;
    if (!Array.isArray(combinations) || !combinations.length || !combinations.every(isCombination)) return undefined;
    const read = new Set(combinations.flat().map(([, input]) => input));
    const unused = combinations.map((_, k) => k + 2).filter(state => !read.has(state));
    const concat = Array.isArray(given.concat) ? given.concat : unused;
    return concat.every(state => isState(state, combinations.length + 2)) ? { name, combinations, concat } : undefined;
  }

  // The cells of a genome, or undefined if it has none.
  report.readCells = genome => {
    const names = ["normal", "reduction"].filter(name => genome !== null && Object.hasOwn(Object(genome), name));
    const cells = names.map(name => readCell(name, genome[name]));
    return names.includes("normal") && cells.every(Boolean) ? cells : undefined;
  };

  report.cellWords = cell => [
    ...cell.combinations.map((pair, k) =>
      `${k + 2} = ${pair.map(([op, input]) => `${op} of ${report.stateName(input)}`).join(" + ")}`),
    `output: concatenation of ${cell.concat.map(report.stateName).join(", ")}`,
  ];

  function shortName(op) {
    if (op === "none") return "identity";
    const rate = /^dil_(\d+)_conv_(\d+)x(\d+)$/.exec(op);
    if (rate) return `${rate[2]}×${rate[3]} rate ${rate[1]}`;
    const words = op.replace(/^(dil_)?sep_conv_/, (_, dilated) => dilated ? "dil " : "sep ")
      .replaceAll("_pool_", " ").replaceAll("_", " ").replace(/(\d)x(\d)/g, "$1×$2");
    return words.split("×").length > 2 ? words.replace(/^conv /, "") : words;
  }

  function place({ combinations, concat }) {
    const output = combinations.length + 2, layer = [0, 0];
    for (const pair of combinations) layer.push(1 + Math.max(...pair.map(([, input]) => layer[input])));
    layer.push(1 + Math.max(...layer));
    const links = [
      ...combinations.flatMap((pair, k) => pair.map(([, input]) => [input, k + 2])),
      ...concat.map(state => [state, output]),
    ];
    const used = new Set(links.map(([source]) => source));
    const nodes = layer.map((level, key) =>
      ({ key, layer: level, width: key < 2 || key === output ? STATE.width : UNIT.width, bar: key === output }));
    const placed = report.arrange(nodes, [...links, ...[0, 1].filter(state => !used.has(state)).map(state => [state, 2])]);
    return { layer, used, placed, output, width: placed.width + 2 * MARGIN };
  }

  function path(points) {
    const parts = [`M${at(points[0][0])} ${at(points[0][1])}`];
    for (let index = 1; index < points.length; index++) {
      const [x0, y0] = points[index - 1], [x1, y1] = points[index], half = at((y0 + y1) / 2);
      parts.push(index % 2 ? `C${at(x0)} ${half} ${at(x1)} ${half} ${at(x1)} ${at(y1)}` : `V${at(y1)}`);
    }
    return svg("path", { d: parts.join(""), class: "edge" });
  }

  report.drawCell = cell => {
    const { combinations, concat } = cell, { layer, used, placed, output, width } = place(cell);
    const bottom = level => MARGIN + STATE.height + 34 + UNIT.height + (layer[output] - 1 - level) * PITCH;
    const middle = key => placed.x(key) + MARGIN;
    const inputY = bottom(0) - UNIT.height + STATE.height / 2;
    const sumY = state => bottom(layer[state]) - OP.height - RISE;
    const height = inputY + STATE.height / 2 + MARGIN;
    // Where a link arrives from: its uppermost bend, or its source.
    const arrival = (source, target) => placed.bends(source, target).at(-1) ?? placed.x(source);

    function edge(source, target, end) {
      const points = [[middle(source), source < 2 ? inputY - STATE.height / 2 : sumY(source) - SUM]];
      placed.bends(source, target).forEach((bend, step) => {
        const lower = bottom(layer[source] + 1 + step);
        points.push([bend + MARGIN, lower], [bend + MARGIN, lower - UNIT.height]);
      });
      return path([...points, end]);
    }

    const edges = [], boxes = [];
    combinations.forEach((pair, k) => {
      const state = k + 2, x = middle(state), y = sumY(state);
      const sorted = [...pair].sort((a, b) => arrival(a[1], state) - arrival(b[1], state));
      sorted.forEach(([op, input], place) => {
        const side = place ? 1 : -1, centre = x + side * (OP.width + OP.gap) / 2, upper = y + RISE;
        edges.push(edge(input, state, [centre, upper + OP.height]));
        edges.push(path([[centre, upper], [x + side * SUM * 0.7, y + SUM * 0.7]]));
        const family = FAMILIES.get(/^[a-z]+(?=_)/.exec(op)?.[0]) ?? "";
        boxes.push(svg("g", { "data-op": op },
          svg("rect", { x: at(centre - OP.width / 2), y: at(upper), width: OP.width, height: OP.height, rx: 5, class: `op ${family}`.trim() }),
          svg("text", { x: at(centre), y: at(upper + OP.height / 2 + 4), class: "label" }, shortName(op)),
          svg("title", {}, op)));
      });
      boxes.push(svg("g", {},
        svg("circle", { cx: at(x), cy: at(y), r: SUM, class: "state" }),
        svg("path", { d: `M${at(x - SUM / 2)} ${at(y)}h${SUM}M${at(x)} ${at(y - SUM / 2)}v${SUM}`, class: "sign" }),
        svg("text", { x: at(x + SUM + 5), y: at(y - 2), class: "state-number" }, String(state))));
    });

    const arrivals = [...new Set(concat)].map(state => [state, arrival(state, output) + MARGIN]);
    const spread = arrivals.length ? arrivals.map(([, x]) => x) : [middle(output)];
    const [low, high] = [Math.min(...spread), Math.max(...spread)];
    const half = Math.max(STATE.width, high - low + 48) / 2;
    const centre = Math.min(Math.max((low + high) / 2, half + 2), width - half - 2);
    edges.push(...arrivals.map(([state, x]) => edge(state, output, [x, MARGIN + STATE.height])));
    const pill = (x, y, wide, label, unused, title) => svg("g", {},
      svg("rect", { x: at(x - wide / 2), y: at(y), width: at(wide), height: STATE.height, rx: 13, class: unused ? "state unused" : "state" }),
      svg("text", { x: at(x), y: at(y + STATE.height / 2 + 4), class: "label" }, label), svg("title", {}, title));
    const inputs = [0, 1].map(state => pill(middle(state), inputY - STATE.height / 2, STATE.width, report.stateName(state),
      !used.has(state), ["the previous cell", "the cell before the previous"][state]));
    const words = report.cellWords(cell);
    return report.figure("cell", width, height, `${cell.name} cell: ${words.join("; ")}.`,
      [...edges, pill(centre, MARGIN, 2 * half, "concat", false, words.at(-1)), ...inputs, ...boxes]);
  };
})();
