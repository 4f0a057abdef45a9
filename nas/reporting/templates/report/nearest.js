"use strict";
// Lets a click open the individual next to the pointer where many are drawn as one path: rings it, and puts its number
// where the page looks for what a click shows. `data-marks` is gzip of its numbers (uint32) and places (uint16).
(() => {
  if (typeof DecompressionStream === "undefined") return;
  const REACH = 14, PLACES = 65535, SVG = "http://www.w3.org/2000/svg";

  async function unpacked(text) {
    const bytes = Uint8Array.from(atob(text), c => c.charCodeAt(0));
    const stream = new Blob([bytes]).stream().pipeThrough(new DecompressionStream("gzip"));
    const buffer = await new Response(stream).arrayBuffer(), count = buffer.byteLength / 8;
    return [new Uint32Array(buffer, 0, count), new Uint16Array(buffer, 4 * count, count),
      new Uint16Array(buffer, 6 * count, count)];
  }

  async function watch(area) {
    const [numbers, across, down] = await unpacked(area.dataset.marks);
    const ring = document.createElementNS(SVG, "circle"), title = document.createElementNS(SVG, "title");
    ring.setAttribute("class", "nearest");
    ring.setAttribute("r", "6");
    ring.style.display = "none";
    area.append(title);
    area.after(ring);

    function point(event) {
      const box = area.getBoundingClientRect();
      const x = event.clientX - box.left, y = event.clientY - box.top;
      let best = REACH * REACH, found = -1;
      for (let k = 0; k < numbers.length; k++) {
        const dx = across[k] * box.width / PLACES - x, dy = down[k] * box.height / PLACES - y;
        const distance = dx * dx + dy * dy;
        if (distance <= best) [best, found] = [distance, k];
      }
      ring.style.display = found < 0 ? "none" : "";
      if (found < 0) { delete area.dataset.show; title.textContent = ""; return; }
      ring.setAttribute("cx", `${100 * across[found] / PLACES}%`);
      ring.setAttribute("cy", `${100 * down[found] / PLACES}%`);
      area.dataset.show = numbers[found];
      title.textContent = `#${numbers[found]}`;
    }
    area.addEventListener("pointermove", point);
    area.addEventListener("pointerdown", point);
    area.addEventListener("pointerleave", () => { ring.style.display = "none"; });
    area.dataset.ready = "true";
  }

  for (const area of document.querySelectorAll("[data-marks]")) watch(area);
})();
