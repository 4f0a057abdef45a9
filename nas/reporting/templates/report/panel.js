"use strict";
// The panel beside the page that shows one individual: whatever carries data-show opens it, so does report.html#individual-17.
(async () => {
  const individuals = await report.ready;
  const panel = document.getElementById("panel");
  if (!individuals || !panel) return;
  const { html } = report, { numbers } = individuals;
  const total = Number(panel.dataset.total), image = panel.dataset.imageShape?.split(" ").map(Number);
  const title = document.getElementById("panel-title"), body = document.getElementById("panel-body");
  const input = document.getElementById("number"), form = document.getElementById("chooser");
  let opener = null; // what has the focus again when the panel is closed

  function architecture(genome) {
    const drawings = report.drawings(genome, image);
    if (!drawings.length) return [html("pre", { tabindex: 0, "aria-label": "Genome" }, report.text(genome))];
    return drawings.map(drawing => html("figure", {},
      html("h3", {}, drawing.title),
      html("div", { class: "scroll", tabindex: 0, role: "region", "aria-label": drawing.title }, drawing.image),
      html("details", {}, html("summary", {}, "In words"), html("pre", {}, drawing.words.join("\n")))));
  }

  const content = number => individuals.get(number) ?
    [report.facts(individuals, number, total), ...architecture(individuals.get(number).genome)] :
    [html("p", {}, `Individual ${number} is not in the sample that this page holds; the journal has it.`)];

  // It slides in where somebody opens it, not where a page begins with it.
  function show(number, focus, slides = panel.hidden) {
    if (!Number.isInteger(number) || number < 0 || number >= total) return;
    if (focus && !panel.contains(document.activeElement)) opener = document.activeElement;
    title.textContent = `Individual ${number}`;
    body.replaceChildren(...content(number));
    panel.dataset.number = number;
    panel.classList.toggle("slides", slides);
    panel.hidden = false;
    document.body.classList.add("with-panel");
    panel.scrollTop = 0;
    if (input) input.value = number;
    for (const mark of document.querySelectorAll("svg .chosen")) mark.classList.remove("chosen");
    for (const mark of document.querySelectorAll(`svg [data-show="${number}"]`)) mark.classList.add("chosen");
    history.replaceState(history.state, "", `#individual-${number}`);
    if (focus) title.focus({ preventScroll: true });
  }

  function close() {
    const focused = panel.contains(document.activeElement);
    panel.hidden = true;
    document.body.classList.remove("with-panel");
    history.replaceState(history.state, "", location.pathname + location.search);
    if (focused && opener?.isConnected) opener.focus({ preventScroll: true });
  }

  // The next individual that the page holds, before or after the one that is shown.
  function step(by) {
    const number = Number(panel.dataset.number);
    const next = by > 0 ? numbers.find(other => other > number) : numbers.findLast(other => other < number);
    if (next !== undefined) show(next, true);
  }

  function fromAddress() {
    const number = /^#individual-(\d+)$/.exec(location.hash)?.[1];
    if (number !== undefined) show(Number(number), true, false);
  }

  document.addEventListener("click", event => {
    const link = event.target.closest("[data-show]");
    if (!link) return;
    if (link instanceof SVGElement) link.closest(".walk")?.focus({ preventScroll: true });
    show(Number(link.dataset.show), true);
  });
  document.addEventListener("keydown", event => {
    if (event.key === "Escape" && !panel.hidden) close();
  });
  panel.addEventListener("keydown", event => {
    if (event.altKey || event.ctrlKey || event.metaKey || event.target.closest(".scroll, pre")) return;
    if (event.key === "ArrowLeft" || event.key === "ArrowRight") {
      event.preventDefault();
      step(event.key === "ArrowRight" ? 1 : -1);
    }
  });
  document.getElementById("panel-close").addEventListener("click", close);
  document.getElementById("panel-before").addEventListener("click", () => step(-1));
  document.getElementById("panel-after").addEventListener("click", () => step(1));
  if (form) {
    form.hidden = false;
    form.addEventListener("submit", event => { event.preventDefault(); show(Number(input.value), true); });
    input.addEventListener("input", () => { if (input.value !== "") show(Number(input.value), false); });
  }
  window.addEventListener("hashchange", fromAddress);
  fromAddress();
  document.documentElement.dataset.ready = "true";
})();
