// Blanks the screen when the session of whoever is logged in ends, here or at the server, and asks for the password.
// The same user goes on with what was typed; anybody else gets an empty page.

import { make, post, say, Fault } from "./desk.js";
import { _ } from "./words.js";

const user = document.documentElement.dataset.user;
const NEUTRAL = _("Locked – Desk");
const EVERY = 15000; // how often the desk is asked for how long the session lasts
const WARN = 120; // seconds before the end
const windows = new BroadcastChannel("desk");
let ends = Date.now() + 60000;
let warned = false;
let told = 0; // when the desk last heard that somebody works here
let title = "";
let asked = 0; // how often the desk was asked for the session

const fault = make("p", { className: "fault", id: "lock-fault" });
fault.setAttribute("role", "alert");
const name = make("input", { id: "lock-name", autocomplete: "username", spellcheck: false, required: true, maxLength: 64 });
const password = make("input", { id: "lock-password", type: "password", autocomplete: "current-password", required: true, maxLength: 128 });
const form = make("form", {},
  make("h1", { id: "lock-title" }, _("The desk is locked")),
  make("p", {}, _("Nobody used it for a while, or it was started again. What was typed here is kept for whoever typed it.")),
  field(name, _("Name")), field(password, _("Password")), fault,
  make("p", {}, make("button", { className: "main" }, _("Log in"))));
const screen = make("dialog", { className: "lock" }, form);
screen.setAttribute("aria-labelledby", "lock-title");
document.body.append(screen);

function field(input, label) {
  return make("div", { className: "field" }, make("label", { htmlFor: input.id }, label), input);
}

const locked = () => document.body.classList.contains("locked");

function lock() {
  if (locked()) return;
  title = document.title;
  document.title = NEUTRAL;
  document.body.classList.add("locked"); // nothing but the dialog is shown, or read aloud
  for (const part of document.body.children) if (part !== screen) part.inert = true;
  name.value = user;
  password.value = "";
  fault.textContent = "";
  screen.showModal();
  password.focus();
}

function unlock() {
  if (!locked()) return;
  screen.close("open");
  document.body.classList.remove("locked");
  for (const part of document.body.children) part.inert = false;
  document.title = title;
  password.value = "";
  warned = false;
  window.dispatchEvent(new Event("desk-unlocked"));
}

// A browser may close a dialog on Escape, whatever `cancel` says the second time; also behind it nothing is shown.
window.addEventListener("keydown", (event) => { if (locked() && event.key === "Escape") event.preventDefault(); }, true);
screen.addEventListener("cancel", (event) => event.preventDefault());
screen.addEventListener("close", () => { if (locked()) screen.showModal(); });
new MutationObserver(() => { if (locked() && document.title !== NEUTRAL) { title = document.title; document.title = NEUTRAL; } })
  .observe(document.querySelector("title"), { childList: true });

form.addEventListener("submit", async (event) => {
  event.preventDefault();
  fault.textContent = "";
  try {
    const found = await post("/login", { name: name.value, password: password.value });
    if (found.user !== user || found.once) { leave(found.once ? "/password" : "/"); return; }
    windows.postMessage({ in: user });
    await ask();
  } catch (why) {
    if (!(why instanceof Fault)) throw why;
    fault.replaceChildren(why.shown);
    password.select();
  }
});

// What was typed goes before the page does: another user gets nothing of it, not even by going back.
function leave(address) {
  for (const part of [...document.body.children]) if (part !== screen) part.remove();
  location.replace(address);
}

async function ask() {
  const number = asked += 1;
  let found;
  try {
    const response = await fetch("/session", { credentials: "same-origin", headers: { Accept: "application/json" } });
    if (!response.ok) return;
    found = await response.json();
  } catch { return; } // no answer: what is known of its end still holds
  if (number !== asked) return; // a late answer, of before, must not open what a newer one locks
  if (found.user === user) {
    ends = Date.now() + found.seconds * 1000;
    if (found.seconds > WARN) warned = false;
    unlock();
  } else if (found.user) {
    leave("/"); // another user logged in in another window
  } else {
    ends = 0;
    lock();
  }
}

function look() {
  const left = (ends - Date.now()) / 1000;
  if (left <= 0) lock();
  else if (left < WARN && !warned && !locked()) {
    warned = true;
    say(_("The desk locks in two minutes, unless you go on."), 30);
  }
}

async function work(event) {
  if (!event.isTrusted || locked() || Date.now() - told < 60000 && !warned) return;
  told = Date.now();
  warned = false;
  try { await post("/session/used", {}); await ask(); } catch (why) { if (!(why instanceof Fault)) throw why; }
}

for (const kind of ["keydown", "pointerdown", "input", "wheel"]) window.addEventListener(kind, work, { capture: true, passive: true });
window.addEventListener("desk-locked", lock);
document.addEventListener("visibilitychange", () => { if (!document.hidden) { look(); ask(); } });
window.addEventListener("pageshow", (event) => { if (event.persisted) { lock(); ask(); } });
windows.addEventListener("message", ask);
document.querySelector("form.who")?.addEventListener("submit", () => setTimeout(() => windows.postMessage({ out: user }), 300));
setInterval(look, 1000);
setInterval(ask, EVERY);
ask();
