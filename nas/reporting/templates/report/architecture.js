"use strict";
// An individual's architecture, drawn from its genome as the page holds it, and the same in words.
(() => {
  const PITCH = 14, SIZE = 11, PER_ROW = 25, LEFT = 34, MARGIN = 10; // of bits, as nas/reporting/drawings/bits.py
  const SMALLEST = 0.7; // below this share of its size a drawing scrolls instead of shrinking
  const { svg } = report;

  report.figure = (kind, width, height, words, children) => svg("svg", {
    class: `figure ${kind}`, width: Math.ceil(width), height: Math.ceil(height), viewBox: `0 0 ${width} ${height}`,
    style: `min-width: ${Math.round(SMALLEST * width)}px`, role: "img", "aria-label": words,
  }, ...children);

  function drawBits(bits) {
    const squares = [...bits].map((bit, index) => svg("rect", {
      x: LEFT + index % PER_ROW * PITCH, y: MARGIN + Math.floor(index / PER_ROW) * PITCH, width: SIZE, height: SIZE, rx: 2,
      class: bit === "1" ? "bit one" : "bit",
    }, svg("title", {}, `bit ${index}: ${bit}`)));
    const rows = Math.ceil(bits.length / PER_ROW);
    const labels = Array.from({ length: rows }, (_, row) =>
      svg("text", { x: LEFT - 7, y: MARGIN + row * PITCH + SIZE - 2, class: "bit-index" }, String(row * PER_ROW)));
    return report.figure("bits", LEFT + Math.min(bits.length, PER_ROW) * PITCH + MARGIN, rows * PITCH + 2 * MARGIN,
      `${bits.length} bits, ${bits.replaceAll("0", "").length} of them 1: ${bits}`, [...labels, ...squares]);
  }

  // [{title, image, words}]; none where the space is not known: its genomes are shown as text.
  report.drawings = (genome, image) => {
    if (typeof genome === "string" && /^[01]+$/.test(genome))
      return [{ title: `${genome.length} bits`, image: drawBits(genome), words: [genome] }];
    const cells = report.readCells(genome), ops = report.readNasBench201(genome);
    if (cells) return cells.map(cell =>
      ({ title: `${cell.name} cell`, image: report.drawCell(cell), words: report.cellWords(cell) }));
    if (ops) return [{ title: "cell", image: report.drawNasBench201(ops), words: report.nasBench201Words(ops) }];
    if (!report.isDna(genome)) return [];
    const title = `network, learning rate ${report.short(genome.learning_rate)}`;
    return [{ title, image: report.drawDna(genome, image), words: report.dnaWords(genome) }];
  };

  report.text = genome => typeof genome === "string" ? genome : JSON.stringify(genome, null, 1);
})();
