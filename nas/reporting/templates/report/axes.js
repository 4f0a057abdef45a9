"use strict";
// Shows the progress figure over another axis: lines and ticks are drawn for each, marks are moved.
(async () => {
  const plot = document.getElementById("plot");
  const chooser = document.getElementById("axes");
  const unpacked = await report.unpacked;
  if (!plot || !chooser || !unpacked) return;

  function across(axis) {
    for (const drawn of plot.querySelectorAll("[data-axis]")) drawn.classList.toggle("off", drawn.dataset.axis !== axis);
    const places = unpacked.places(axis);
    for (const mark of plot.querySelectorAll("[data-show]")) {
      const moved = mark.tagName === "path" ? mark.parentNode : mark;
      moved.setAttribute(mark.tagName === "circle" ? "cx" : "x", `${places.get(Number(mark.dataset.show))}%`);
    }
  }

  chooser.hidden = false;
  chooser.addEventListener("change", event => across(event.target.value));
  const chosen = chooser.querySelector(":checked");
  if (chosen && chosen !== chooser.querySelector("input")) across(chosen.value); // a browser may remember it
})();
