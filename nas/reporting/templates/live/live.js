"use strict";
// In served pages only. Asks where the search stands, and puts a newer page in place of this one where the reader is:
// scroll positions, focus, what is open, filled in or selected, and the address with its #anchor stay.
// The page's own scripts run again with each page, so they may keep nothing but that.
(() => {
  const READY_MS = 1500; // for the page's own scripts
  const BUSY_S = 1; // until a reader who selects is asked again
  const LOST_S = 5; // until a server that does not answer is asked again
  const REST = 3; // times what the last change of pages took: a slow browser or tunnel is not kept busy
  const root = document.documentElement;
  const left = history.state; // by the page before, if this one was loaded in its place
  const listen = { window: window.addEventListener.bind(window), document: document.addEventListener.bind(document) };

  // What the page's scripts listen to beyond their own elements ends with their page.
  let page = new AbortController();
  for (const target of [window, document]) {
    const add = target.addEventListener.bind(target);
    target.addEventListener = (type, listener, options) =>
      add(type, listener, { ...(typeof options === "object" ? options : { capture: Boolean(options) }), signal: page.signal });
  }

  const pause = ms => new Promise(done => setTimeout(done, ms));
  const all = selector => [...document.querySelectorAll(selector)];
  const ask = async (path, seconds) => {
    const answer = await fetch(path, { cache: "no-store", signal: AbortSignal.timeout(1000 * seconds) });
    if (!answer.ok) throw new Error(`${path}: ${answer.status}`);
    return answer;
  };

  // A selector that finds an element's successor: by its id or its individual, else by its place.
  function place(element) {
    if (element.id) return `#${CSS.escape(element.id)}`;
    if (element === document.body) return "body";
    const individual = element.dataset.show;
    if (individual !== undefined) return `${place(element.parentElement.closest("[id], body"))} [data-show="${CSS.escape(individual)}"]`;
    let count = 1;
    for (let other = element; (other = other.previousElementSibling);) count += other.localName === element.localName;
    return `${place(element.parentElement)} > ${element.localName}:nth-of-type(${count})`;
  }

  const isChecked = control => ["checkbox", "radio"].includes(control.type);
  const isChanged = control => isChecked(control) ? control.checked !== control.defaultChecked :
    control.localName === "select" ? [...control.options].some(option => option.selected !== option.defaultSelected) :
    control.value !== control.defaultValue;

  function remember() {
    const band = document.getElementById("live").getBoundingClientRect().bottom;
    const read = all("main > *, main > section > *").filter(element => element.getBoundingClientRect().top <= band + 1).pop();
    const focus = document.activeElement;
    return {
      details: all("details").map(element => [place(element), element.open]),
      controls: all("input, select, textarea").filter(isChanged).map(control =>
        [place(control), isChecked(control) ? control.checked : control.value]),
      scrolled: all("body *:not(svg *)").filter(element => element.scrollTop || element.scrollLeft)
        .map(element => [place(element), element.scrollTop, element.scrollLeft]),
      focus: focus && focus !== document.body ? place(focus) : null,
      read: scrollY > 0 && read ? [place(read), read.getBoundingClientRect().top] : null,
      at: [scrollX, scrollY],
    };
  }

  // `told` tells the page's scripts what was chosen, once they listen.
  function restore(reader, told) {
    const each = (list, change) => list.forEach(([where, ...values]) => {
      const element = document.querySelector(where);
      if (element) change(element, ...values);
    });
    each(reader.details, (element, open) => { if (element.open !== open) element.open = open; });
    each(reader.controls, (control, value) => {
      control[isChecked(control) ? "checked" : "value"] = value;
      const isChoice = control.type === "radio" ? value : control.type === "checkbox" || control.localName === "select";
      if (told && isChoice) control.dispatchEvent(new Event("change", { bubbles: true }));
    });
    each(reader.scrolled, (element, top, left) => element.scrollTo({ top, left, behavior: "instant" }));
    const focus = reader.focus && document.querySelector(reader.focus);
    if (focus && focus !== document.activeElement) focus.focus({ preventScroll: true });
    scrollTo({ left: reader.at[0], top: reader.at[1], behavior: "instant" });
    const read = reader.read && document.querySelector(reader.read[0]);
    if (read) scrollBy({ top: read.getBoundingClientRect().top - reader.read[1], behavior: "instant" });
  }

  async function ready() {
    const until = performance.now() + READY_MS;
    while (root.dataset.ready === undefined && performance.now() < until) await pause(20);
  }

  async function settle(reader) {
    restore(reader, false);
    await ready();
    restore(reader, true);
  }

  // The next page's body, its scripts running, with the reader where they were.
  async function enter(next, reader) {
    page.abort();
    page = new AbortController();
    delete root.dataset.ready;
    document.title = next.title;
    document.body.replaceChildren(...document.adoptNode(next.body).childNodes);
    show(last);
    for (const script of all("body script:not([type])")) {
      script.replaceWith(Object.assign(document.createElement("script"), { textContent: script.textContent }));
    }
    await settle(reader);
  }

  let isPlain = false; // this page's scripts do not run twice: newer pages are loaded as a whole
  async function renew() {
    const next = new DOMParser().parseFromString(await (await ask("/", 120)).text(), "text/html");
    if (isBusy()) return;
    const reader = remember();
    const band = document.getElementById("live");
    if (!isPlain && next.getElementById("live").dataset.made === band.dataset.made) {
      const guard = new AbortController();
      for (const type of ["error", "unhandledrejection"])
        listen.window(type, () => { isPlain = true; }, { signal: guard.signal });
      try {
        const change = document.startViewTransition?.(() => enter(next, reader)); // nothing half done is seen
        change?.ready.catch(() => {}); // a change that nobody saw
        await (change ? change.updateCallbackDone : enter(next, reader));
      } catch {
        isPlain = true;
      }
      guard.abort();
      if (!isPlain) return;
    }
    history.replaceState({ reader, isPlain }, "");
    location.reload();
    await pause(60000);
  }

  let last = null;
  function show(state) {
    last = state;
    const band = document.getElementById("live");
    band.dataset.state = state.state;
    const say = (name, text) => {
      const element = band.querySelector(name);
      if (element.textContent !== text) element.textContent = text;
    };
    say(".live-state", state.state);
    say(".live-words", state.sentence);
    say(".live-note", state.note);
    band.querySelector(".live-share").style.width = `${100 * (state.share ?? 0)}%`;
    if (state.title) document.title = state.title;
  }

  let pressed = false; // neither a drag nor a selection is broken off
  const isSelecting = () => getSelection().type === "Range" && !document.activeElement?.matches("input, textarea");
  const isBusy = () => pressed || isSelecting();
  const shown = () => document.getElementById("live").dataset.version;

  let asking = false;
  let timer;
  async function tick() {
    if (asking || document.hidden) return;
    asking = true;
    clearTimeout(timer);
    let wait = LOST_S;
    try {
      const state = await (await ask("/state", 15)).json();
      show(state);
      wait = state.wait_s;
      if (state.version !== shown()) {
        if (isBusy()) {
          show({ ...state, note: "a newer page comes when nothing is selected" });
          wait = BUSY_S;
        } else {
          const start = performance.now();
          await renew();
          wait = Math.max(wait, REST * (performance.now() - start) / 1000);
        }
      }
    } catch {
      show({ ...last, state: "no answer", sentence: "the watch server does not answer: this page shows what it knew", note: "" });
    }
    asking = false;
    timer = setTimeout(tick, 1000 * wait);
  }

  listen.window("pointerdown", () => { pressed = true; }, true);
  for (const type of ["pointerup", "pointercancel", "blur"]) listen.window(type, () => { pressed = false; }, true);
  listen.document("visibilitychange", tick);
  listen.document("DOMContentLoaded", async () => {
    if (left?.reader) {
      history.replaceState(null, "");
      isPlain = left.isPlain;
      await settle(left.reader);
    }
    tick();
  });
})();
