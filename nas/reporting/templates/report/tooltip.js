"use strict";
// One line beside what the pointer or the focus is on, at once instead of after the browser's second; a mark that the
// keyboard has come to may lie below others, so a ring says where it is.
(async () => {
  const individuals = await report.ready;
  const tip = document.getElementById("tip"), ring = document.getElementById("ring");
  if (!individuals || !tip) return;

  const titles = new WeakMap(); // what SVG elements said of themselves, taken from them so that it is not shown twice
  function titleOf(element) {
    const title = [...element.children].find(child => child.tagName === "title");
    if (title) {
      titles.set(element, title.textContent);
      title.remove();
    }
    return titles.get(element);
  }

  // The line of an element: that of its individual, or its own title.
  report.tip = element => {
    const number = Number(element.dataset.show), individual = individuals.get(number);
    const title = titleOf(element);
    if (title !== undefined || element.dataset.show === undefined) return title;
    if (!individual) return `#${number}`;
    const outcome = individual.fitness === null ? individual.state : report.fitness(individual.fitness);
    return [`#${number}`, outcome, report.origin(individual)].join(" · ");
  };

  function owner(element) {
    for (let at = element; at instanceof Element && at.tagName !== "svg"; at = at.parentNode)
      if (at.dataset.show !== undefined || (at instanceof SVGElement && titleOf(at) !== undefined)) return at;
    return element.closest?.("[data-show]");
  }

  report.showTip = (element, byKeyboard = false) => {
    const text = report.tip(element), box = element.getBoundingClientRect();
    if (!text) return;
    tip.textContent = text;
    tip.hidden = false;
    const { offsetWidth: width, offsetHeight: height } = tip, room = document.documentElement.clientWidth;
    const left = Math.min(Math.max((box.left + box.right - width) / 2, 6), room - width - 6);
    const above = box.top - height - 8;
    tip.style.left = `${left}px`;
    tip.style.top = `${above > 4 ? above : box.bottom + 8}px`;
    ring.hidden = !byKeyboard;
    ring.style.left = `${(box.left + box.right) / 2}px`;
    ring.style.top = `${(box.top + box.bottom) / 2}px`;
  };
  report.hideTip = () => { tip.hidden = ring.hidden = true; };

  document.addEventListener("pointerover", event => {
    const over = event.pointerType === "touch" ? null : owner(event.target);
    if (over) report.showTip(over);
    else report.hideTip();
  });
  document.addEventListener("pointerout", event => { if (!event.relatedTarget) report.hideTip(); });
  document.addEventListener("scroll", report.hideTip, { passive: true, capture: true });
  document.addEventListener("focusin", event => {
    if (event.target.matches("[data-show]:focus-visible")) report.showTip(event.target);
    else report.hideTip();
  });
})();
