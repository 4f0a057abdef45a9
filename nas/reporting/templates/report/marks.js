"use strict";
// Marks of figures by keyboard: a figure that has some takes the focus once, arrows walk through them from left to right,
// which in the progress figure is the order of telling; Enter opens one.
(async () => {
  const individuals = await report.ready;
  const spoken = document.getElementById("spoken");
  if (!individuals || !spoken) return;

  // Where a mark lies across: what its drawing says in per cent, or else pixels.
  function across(mark) {
    const said = mark.getAttribute("cx") ?? mark.getAttribute("x") ?? mark.parentNode.getAttribute("x");
    if (said?.endsWith("%")) return parseFloat(said);
    const { left, right } = mark.getBoundingClientRect();
    return (left + right) / 2;
  }

  const walks = new Map(); // the marks of a figure in their order, by its box; made when it is first needed
  function marksOf(box) {
    if (!walks.has(box)) {
      const placed = [...box.querySelectorAll("svg [data-show]")].map(mark => [mark, across(mark)]);
      placed.sort(([a, x], [b, y]) => x - y || a.dataset.show - b.dataset.show);
      walks.set(box, placed.map(([mark]) => mark));
    }
    return walks.get(box);
  }

  function walk(box, key) {
    const marks = marksOf(box), last = marks.length - 1;
    const here = marks.findIndex(mark => mark.classList.contains("here"));
    const at = here >= 0 ? here : marks.findIndex(mark => mark.classList.contains("chosen"));
    const next = { ArrowRight: at + 1, ArrowLeft: at < 0 ? last : at - 1, Home: 0, End: last }[key];
    const mark = marks[Math.min(Math.max(next, 0), last)];
    leave(box);
    mark.classList.add("here");
    spoken.textContent = report.tip(mark);
    report.showTip(mark, true);
  }

  function leave(box) {
    for (const mark of box.querySelectorAll(".here")) mark.classList.remove("here");
    report.hideTip();
  }

  for (const mark of document.querySelectorAll("main svg [data-show]")) {
    const box = mark.closest(".plot, .scroll") ?? mark.ownerSVGElement;
    if (box.classList.contains("walk")) continue;
    box.classList.add("walk");
    box.setAttribute("tabindex", "0");
    if (!box.hasAttribute("role")) box.setAttribute("role", "group");
    if (!box.hasAttribute("aria-label")) box.setAttribute("aria-label", "Individuals: arrow keys walk through them, Enter opens one");
    box.addEventListener("keydown", event => {
      if (event.altKey || event.ctrlKey || event.metaKey) return;
      if (["ArrowLeft", "ArrowRight", "Home", "End"].includes(event.key)) walk(box, event.key);
      else if (event.key === "Enter") box.querySelector(".here")?.dispatchEvent(new MouseEvent("click", { bubbles: true }));
      else return;
      event.preventDefault();
    });
    box.addEventListener("blur", () => leave(box));
    box.addEventListener("change", () => walks.delete(box));
  }
  document.addEventListener("change", () => walks.clear()); // another axis moves the marks
})();
