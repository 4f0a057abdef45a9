"use strict";
// What the page's scripts share: when they may begin, and how they make elements. Data is only ever text.
report.ready = (async () => {
  if (document.readyState === "loading")
    await new Promise(begin => document.addEventListener("DOMContentLoaded", begin, { once: true }));
  return report.unpacked;
})();

report.filled = (element, attributes, children) => {
  for (const [name, value] of Object.entries(attributes)) if (value !== undefined) element.setAttribute(name, value);
  element.append(...children);
  return element;
};
report.html = (tag, attributes = {}, ...children) => report.filled(document.createElement(tag), attributes, children);
report.svg = (tag, attributes = {}, ...children) =>
  report.filled(document.createElementNS("http://www.w3.org/2000/svg", tag), attributes, children);

report.at = value => Number(value.toFixed(2)); // a hundredth of a pixel is not seen

// A polyline of upright and level lines with rounded corners, as drawings.dna.path of the Python side.
report.path = (points, most) => {
  const at = ([x, y]) => `${report.at(x)} ${report.at(y)}`;
  const length = (a, b) => Math.abs(a[0] - b[0]) + Math.abs(a[1] - b[1]);
  const towards = (a, b, far) => a.map((value, axis) => value + far / (length(a, b) || 1) * (b[axis] - value));
  const corners = points.slice(1, -1).map((corner, place) => {
    const before = points[place], after = points[place + 2];
    const radius = Math.min(most, length(before, corner) / 2, length(corner, after) / 2);
    return `L${at(towards(corner, before, radius))}Q${at(corner)} ${at(towards(corner, after, radius))}`;
  });
  return [`M${at(points[0])}`, ...corners, `L${at(points.at(-1))}`].join("");
};

report.link = number => report.html("button", { type: "button", class: "link", "data-show": number }, `#${number}`);
report.count = value => value.toLocaleString("en-US", { maximumFractionDigits: 0 });
report.short = value => typeof value === "number" ? String(Number(value.toPrecision(3))) : String(value);
report.fitness = value => Math.abs(value) < 1000 ? value.toFixed(4) : String(Number(value.toPrecision(6)));

// How an individual came to be, as labels.origin of the Python side says it.
report.origin = ({ parents, mutation, updates }) => {
  if (updates !== null) return `policy after ${report.count(updates)} update${updates === 1 ? "" : "s"}`;
  const name = mutation ? mutation[0].replaceAll("_", " ") : "child";
  return parents.length ? `${name} of ${parents.join(", ")}` : "random";
};
