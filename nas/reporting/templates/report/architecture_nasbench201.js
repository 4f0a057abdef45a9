"use strict";
// The cell of NAS-Bench-201 as nas/reporting/figures/nasbench201.py places it.
(() => {
  const OP = { width: 76, height: 26 }, NODE = { width: 76, height: 26, radius: 13 }, LEVEL = 92, LANE = 90, MARGIN = 14, ROUND = 14;
  const EDGES = [[0, 1], [0, 2], [1, 2], [0, 3], [1, 3], [2, 3]];
  const BESIDE = { "0 2": [-1, 1, 0], "1 3": [1, 2, 5], "0 3": [2, 1.5, -5] }; // lane, level of the op, how far apart
  const SHORT = {
    skip_connect: ["skip", "op"], nor_conv_1x1: ["conv 1×1", "op conv"], nor_conv_3x3: ["conv 3×3", "op conv"],
    avg_pool_3x3: ["avg 3×3", "op pool"], none: ["none", ""],
  };
  const FORM = /^\|(\w+)~0\|\+\|(\w+)~0\|(\w+)~1\|\+\|(\w+)~0\|(\w+)~1\|(\w+)~2\|$/;
  const X = MARGIN + LANE + OP.width / 2, WIDTH = X + 2 * LANE + OP.width / 2 + MARGIN, HEIGHT = 3 * LEVEL + NODE.height + 2 * MARGIN;
  const { svg } = report;
  const level = node => MARGIN + NODE.height / 2 + (3 - node) * LEVEL;
  const name = node => ["input", "node 1", "node 2", "output"][node];

  // The ops of the six edges, or undefined if the genome is no text of the benchmark.
  report.readNasBench201 = genome => {
    const ops = typeof genome === "string" ? FORM.exec(genome)?.slice(1) : undefined;
    return ops?.every(op => Object.hasOwn(SHORT, op)) ? ops : undefined;
  };

  report.nasBench201Words = ops => [1, 2, 3].map(node => {
    const into = EDGES.flatMap(([source, target], edge) =>
      target === node && ops[edge] !== "none" ? [`${ops[edge]} of ${name(source)}`] : []);
    return `${name(node)} = ${into.join(" + ") || "zeros"}`;
  });

  function line(source, target) {
    if (target === source + 1) {
      const low = level(source) - NODE.height / 2, high = level(target) + NODE.height / 2;
      return { points: [[X, low], [X, high]], x: X, y: (low + high) / 2 };
    }
    const [lane, height, apart] = BESIDE[`${source} ${target}`], x = X + lane * LANE;
    const edge = node => X + Math.sign(lane) * (node % 3 ? NODE.radius : NODE.width / 2);
    const out = level(source) - apart, into = level(target) + apart;
    return { points: [[edge(source), out], [x, out], [x, into], [edge(target), into]], x, y: level(height) };
  }

  report.drawNasBench201 = ops => {
    const places = EDGES.map(edge => line(...edge));
    const lines = places.map(({ points }, edge) =>
      svg("path", { d: report.path(points, ROUND), class: ops[edge] === "none" ? "edge absent" : "edge" }));
    lines.sort((a, b) => b.classList.contains("absent") - a.classList.contains("absent")); // the faint ones lie below
    const boxes = places.map(({ x, y }, edge) => {
      const op = ops[edge], [label, classes] = SHORT[op], [source, target] = EDGES[edge];
      return svg("g", { "data-op": op },
        ...classes ? [svg("rect", { x: x - OP.width / 2, y: y - OP.height / 2, ...OP, rx: 5, class: classes })] : [],
        svg("text", { x, y: y + 4, class: classes ? "label" : "label absent" }, label),
        svg("title", {}, `${name(source)} to ${name(target)}: ${op}`));
    });
    const nodes = [0, 1, 2, 3].map(node => {
      const y = level(node), { width, height, radius } = NODE;
      return svg("g", {}, node % 3 ? svg("circle", { cx: X, cy: y, r: radius, class: "state" }) :
        svg("rect", { x: X - width / 2, y: y - height / 2, width, height, rx: radius, class: "state" }),
        svg("text", { x: X, y: y + 4, class: "label" }, node % 3 ? String(node) : name(node)));
    });
    const words = report.nasBench201Words(ops);
    return report.figure("cell", WIDTH, HEIGHT, `Cell: ${words.join("; ")}.`, [...lines, ...boxes, ...nodes]);
  };
})();
