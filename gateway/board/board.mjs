// board.mjs -- what a page gains with script: it stays current, and obeys the keyboard.
// Every page reads, prints and acts without it.
//
// The server sends the fragments of this page that changed (gateway/web/events.c). Each
// takes the place of the element with its data-key. What came or went is not moved under
// the reader's hands: a button says how much, and shows it.

// What was done last stands in the address, and is over when the page is loaded again.
const address = new URL(location);
address.searchParams.delete("did");
if (address.search !== location.search) history.replaceState(null, "", address);
const page = location.pathname + location.search;
const DONE_SHOWN_MS = 10 * 60 * 1000; // as long as the server tells it
setTimeout(() => document.querySelector(".done")?.remove(), DONE_SHOWN_MS);
const news = document.getElementById("news");
const find = (key) => document.querySelector(`[data-key="${CSS.escape(key)}"]`);
const rows = () => [...document.querySelectorAll("li[data-key], tr[data-key]")]
  .filter((row) => row.offsetParent);

// ---- fragments ----

// Fragments are the same for all log-ins with our rights, so the token of our forms is not
// in them: it is in the page, which is ours alone.
const token = document.querySelector('input[name="token"]')?.value ?? "";

// The server's own markup, as an element; what is drawn inside of an SVG is parsed there.
function parse(html, old) {
  const inSvg = old.namespaceURI.endsWith("/svg") && old.localName !== "svg";
  const template = document.createElement("template");
  template.innerHTML = inSvg ? `<svg>${html}</svg>` : html;
  for (const field of template.content.querySelectorAll('input[name="token"]'))
    field.setAttribute("value", token);
  const first = template.content.firstElementChild;
  return inSvg ? first.firstElementChild : first;
}

// Which child of which child has the focus, so that the same one has it afterwards.
function trail(root, node) {
  const way = [];
  for (; node && node !== root; node = node.parentElement)
    way.unshift([...node.parentElement.children].indexOf(node));
  return node ? way : null;
}

const CLICK_MS = 300; // after a finger was lifted its click may still be to come
const waiting = new Map(); // fragments of elements that somebody is about to use
let pressed = null, lifted = 0;

// Whether a field is not as the server gave it.
function isChanged(field) {
  if (["checkbox", "radio"].includes(field.type)) return field.checked !== field.defaultChecked;
  if (field.localName !== "select") return field.value !== field.defaultValue;
  const chosen = [...field.options].findIndex((option) => option.defaultSelected);
  return field.selectedIndex !== Math.max(chosen, 0);
}

// What somebody typed, or presses just now, is not taken from under their hands.
function isInUse(element) {
  const active = document.activeElement;
  return element.contains(pressed) ||
    (element.contains(active) && active.matches("input, select, textarea, button")) ||
    [...element.querySelectorAll("input, select, textarea")].some(isChanged);
}

function put(key, html) {
  const old = find(key), fresh = old && parse(html, old), active = document.activeElement;
  waiting.delete(key);
  if (!fresh || old.isEqualNode(fresh)) return;
  if (isInUse(old)) {
    waiting.set(key, html);
    return;
  }
  const way = old.contains(active) ? trail(old, active) : null;
  const opened = [...old.querySelectorAll("details")].map((d) => d.open);
  old.replaceWith(fresh);
  [...fresh.querySelectorAll("details")].forEach((d, i) => { d.open ||= !!opened[i]; });
  if (way) {
    let node = fresh;
    for (const i of way) node = node?.children[i];
    if (!way.length) fresh.tabIndex = -1;
    (node ?? fresh).focus({ preventScroll: true });
  }
  filter();
}

function putWaiting() {
  for (const [key, html] of [...waiting]) put(key, html);
}
document.addEventListener("focusout", () => setTimeout(putWaiting));
document.addEventListener("pointerdown", ({ target }) => {
  clearTimeout(lifted);
  pressed = target;
});
for (const type of ["pointerup", "pointercancel", "keydown"])
  document.addEventListener(type, () => {
    clearTimeout(lifted);
    lifted = setTimeout(() => { pressed = null; putWaiting(); }, CLICK_MS);
  });

// ---- what came or went, and whether the server is there ----

function say(text, isButton) {
  if (!news) return;
  news.hidden = !text;
  if (!text || news.textContent === text) return;
  const inside = document.createElement(isButton ? "button" : "span");
  inside.textContent = text;
  if (isButton) inside.addEventListener("click", () => location.reload());
  news.replaceChildren(inside);
}

let changes = 0, downSince = null;
function sayAll() {
  const { one, many, moved, down } = news?.dataset ?? {};
  if (downSince) say(down.replace("%s", downSince), false);
  else if (changes) say(changes < 0 ? moved : changes === 1 ? one : many.replace("%d", changes), true);
  else say("");
}

function order(keys) {
  const here = [...document.querySelectorAll("[data-key]")].map((e) => e.dataset.key);
  const now = new Set(keys), then = new Set(here);
  changes = keys.filter((k) => !then.has(k)).length + here.filter((k) => !now.has(k)).length;
  if (!changes && keys.some((k, i) => k !== here[i])) changes = -1;
  sayAll();
}

function link(isUp) {
  if (isUp) downSince = null;
  else downSince ??= new Date().toTimeString().slice(0, 5);
  sayAll();
}

// ---- the stream: one for all tabs of this page, none while they are hidden ----

const SILENT_MS = 40000; // the server says something every 15 s
const channel = "BroadcastChannel" in self ? new BroadcastChannel("stepward " + page) : null;
let source = null, release = null, silence = 0;

function take(message) {
  clearTimeout(silence);
  silence = setTimeout(() => link(false), SILENT_MS);
  const { type, data } = message;
  if (type === "fragment") put(data.key, data.html);
  if (type === "order") order(data);
  if (type === "over") location.reload();
  link(type !== "down");
}

function open() {
  source?.close();
  source = new EventSource("/events?page=" + encodeURIComponent(page));
  const own = source;
  const pass = (type, text) => {
    const message = { type, data: text && JSON.parse(text) };
    take(message);
    channel?.postMessage(message);
  };
  for (const type of ["fragment", "order", "over", "beat", "down"])
    own.addEventListener(type, (event) => pass(type, event.data));
  own.addEventListener("open", () => pass("beat"));
  own.addEventListener("error", () => {
    pass("down");
    // The browser tries again by itself, unless it was answered with an error.
    if (own.readyState === EventSource.CLOSED)
      setTimeout(() => { if (own === source) open(); }, 5000);
  });
}

function close() {
  clearTimeout(silence);
  source?.close();
  source = null;
  release?.();
  release = null;
}

// Whoever holds the lock has the stream, and the others listen to it; a newcomer has it
// begun anew, which sends all there is.
let turn = 0;
function begin() {
  const mine = ++turn;
  if (!navigator.locks || !channel) return open();
  channel.postMessage({ type: "hello" });
  navigator.locks.request("stepward " + page, () => new Promise((done) => {
    if (mine !== turn || document.hidden) return done();
    release = done;
    open();
  }));
}

channel?.addEventListener("message", ({ data }) => {
  if (data.type === "hello") { if (source) open(); }
  else if (!source && !document.hidden) take(data);
});
document.addEventListener("visibilitychange", () => {
  if (!document.hidden) begin();
  else { turn++; close(); }
});
addEventListener("pagehide", close);
if (news && !document.hidden) begin();

// ---- search and keyboard ----

const search = document.querySelector('input[type="search"]');
function filter() {
  const text = (search?.value ?? "").trim().toLowerCase();
  for (const row of document.querySelectorAll("[data-search]"))
    row.hidden = !row.dataset.search.toLowerCase().includes(text);
}
if (search) search.hidden = false; // without script it would find nothing
search?.addEventListener("input", filter);

function step(by) {
  const all = rows(), at = all.indexOf(document.activeElement.closest("[data-key]"));
  const next = all[at < 0 ? 0 : Math.min(Math.max(at + by, 0), all.length - 1)];
  if (!next) return;
  next.tabIndex = -1;
  next.focus();
  next.scrollIntoView({ block: "nearest" });
}

document.addEventListener("keydown", (event) => {
  if (event.ctrlKey || event.metaKey || event.altKey) return;
  if (event.target.closest("input, select, textarea")) {
    if (event.key === "Escape") event.target.blur();
    return;
  }
  const row = document.activeElement.closest("[data-key]");
  if (event.key === "/" && search) search.focus();
  else if (event.key === "j") step(1);
  else if (event.key === "k") step(-1);
  else if (event.key === "a") row?.querySelector('form[action="/act/ack"] button')?.click();
  else return;
  event.preventDefault();
});

// After an act the page comes back at the same place.
document.addEventListener("submit", () => sessionStorage.setItem("at " + page, scrollY));
const before = sessionStorage.getItem("at " + page);
if (before !== null) scrollTo(0, before);
sessionStorage.removeItem("at " + page);

// ---- what-if: the page is asked again while a slider moves ----

for (const form of document.querySelectorAll("form[data-live]")) {
  let isAsking = false, isStale = false;
  const ask = async () => {
    isStale = isAsking;
    if (isAsking) return;
    isAsking = true;
    try {
      const query = new URLSearchParams(new FormData(form));
      const answer = await fetch(`${location.pathname}?${query}`);
      const fresh = new DOMParser().parseFromString(await answer.text(), "text/html")
        .querySelector(`[data-key="${CSS.escape(form.dataset.target)}"]`);
      const old = find(form.dataset.target);
      if (answer.ok && fresh && old) old.replaceWith(document.adoptNode(fresh));
    } finally {
      isAsking = false;
      if (isStale) ask();
    }
  };
  const sliders = [...form.querySelectorAll("[data-moves]")];
  for (const slider of sliders) slider.hidden = false;
  form.addEventListener("input", ({ target }) => {
    for (const slider of sliders) {
      const number = form.elements[slider.dataset.moves];
      if (target === slider) number.value = slider.value;
      else if (target === number) slider.value = number.value;
    }
    ask();
  });
}

// ---- paper ----

for (const button of document.querySelectorAll("[data-print]")) {
  button.hidden = false;
  button.addEventListener("click", () => print());
}
