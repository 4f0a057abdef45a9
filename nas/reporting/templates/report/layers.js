"use strict";
// Layered drawing of a small graph, step by step as nas/reporting/figures/layers.py does it (Sugiyama, Tagawa and Toda
// 1981): long links get a bend in each layer they pass, barycentres order the layers, then neighbours attract each other.
(() => {
  const GAP = 20, BEND_WIDTH = 8, SWEEPS = 12, STRAIGHTNESS = [1, 2, 8];

  // nodes: [{key, layer, width, bar}], links: [[from, to]], upwards. Gives x by key, the bends of each link, the width.
  report.arrange = (nodes, links) => {
    const width = new Map(nodes.map(node => [node.key, node.width]));
    const layerOf = new Map(nodes.map(node => [node.key, node.layer]));
    const bars = new Set(nodes.filter(node => node.bar).map(node => node.key));
    let layers = Array.from({ length: 1 + Math.max(...layerOf.values()) }, () => []);
    for (const { key, layer } of nodes) layers[layer].push(key);
    const above = new Map(), below = new Map(), chains = new Map();
    const near = (sides, key) => sides.get(key) ?? sides.set(key, []).get(key);
    let bends = 0;
    for (const [source, target] of links) {
      if (chains.has(`${source} ${target}`)) continue;
      const chain = [];
      for (let between = layerOf.get(source) + 1; between < layerOf.get(target); between++) {
        const bend = -1 - bends++;
        width.set(bend, BEND_WIDTH);
        layers[between].push(bend);
        chain.push(bend);
      }
      chains.set(`${source} ${target}`, chain);
      const path = [source, ...chain, target];
      for (let at = 1; at < path.length; at++) {
        near(above, path[at - 1]).push(path[at]);
        near(below, path[at]).push(path[at - 1]);
      }
    }

    const places = layer => new Map(layer.map((key, place) => [key, place]));

    function crossings() {
      let crossed = 0;
      for (let at = 1; at < layers.length; at++) {
        const place = places(layers[at]);
        const edges = layers[at - 1].flatMap((low, from) => near(above, low).map(high => [from, place.get(high)]));
        edges.forEach((a, index) => {
          for (const b of edges.slice(index + 1)) crossed += (a[0] - b[0]) * (a[1] - b[1]) < 0;
        });
      }
      return crossed;
    }

    function order() {
      let best = layers.map(layer => [...layer]), fewest = crossings();
      for (let sweep = 0; sweep < SWEEPS; sweep++) {
        const sides = sweep % 2 ? above : below, turned = sweep % 2 ? [...layers].reverse() : layers;
        for (let at = 1; at < turned.length; at++) {
          const fixed = places(turned[at - 1]), here = places(turned[at]);
          const middle = new Map(turned[at].map(key => {
            const others = near(sides, key).map(other => fixed.get(other));
            return [key, others.length ? others.reduce((sum, place) => sum + place, 0) / others.length : here.get(key)];
          }));
          turned[at].sort((a, b) => middle.get(a) - middle.get(b));
        }
        const crossed = crossings();
        if (crossed < fewest) [best, fewest] = [layers.map(layer => [...layer]), crossed];
      }
      layers = best;
    }

    // The positions nearest to those wanted that keep order and distance: pool adjacent violators.
    function apart(layer, wanted) {
      const offsets = layer.map(() => 0);
      for (let at = 1; at < layer.length; at++)
        offsets[at] = offsets[at - 1] + (width.get(layer[at - 1]) + width.get(layer[at])) / 2 + GAP;
      const blocks = [];
      layer.forEach((key, at) => {
        let mean = wanted[at] - offsets[at], weight = key < 0 ? 4 : 1, size = 1;
        while (blocks.length && blocks.at(-1)[0] > mean) {
          const [other, others, count] = blocks.pop();
          mean = (mean * weight + other * others) / (weight + others);
          weight += others;
          size += count;
        }
        blocks.push([mean, weight, size]);
      });
      return blocks.flatMap(([mean, , size]) => Array(size).fill(mean)).map((mean, at) => mean + offsets[at]);
    }

    const x = new Map();
    const place = (layer, wanted) => apart(layer, wanted).forEach((value, at) => x.set(layer[at], value));

    function wanted(key) {
      const others = [...near(below, key), ...near(above, key)].filter(other => !bars.has(other));
      if (!others.length) return x.get(key);
      const pulls = others.map(other => STRAIGHTNESS[(key < 0) + (other < 0)]);
      const sum = others.reduce((total, other, at) => total + pulls[at] * x.get(other), 0);
      return sum / pulls.reduce((total, pull) => total + pull, 0);
    }

    order();
    for (const layer of layers) place(layer, layer.map(() => 0));
    for (let sweep = 0; sweep < 4 * SWEEPS; sweep++)
      for (const layer of sweep % 2 ? [...layers].reverse() : layers) place(layer, layer.map(wanted));
    const ends = [...x].map(([key, middle]) => [middle - width.get(key) / 2, middle + width.get(key) / 2]);
    const left = Math.min(...ends.map(([low]) => low));
    return {
      x: key => x.get(key) - left,
      bends: (source, target) => chains.get(`${source} ${target}`).map(bend => x.get(bend) - left),
      width: Math.max(...ends.map(([, high]) => high)) - left,
    };
  };
})();
