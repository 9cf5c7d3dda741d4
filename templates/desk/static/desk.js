// What all screens share: asking the desk, telling the user, asking the user. No page keeps anything in the browser.

import { _, inLanguage, plain } from "./words.js";

/** POST `body` as JSON. Resolves to the answer's JSON (null for none); rejects with a Fault. */
export async function post(address, body, { raw = false, signal } = {}) {
  return answer(await send(address, { method: "POST", signal, headers: { "Content-Type": "application/json", Accept: "application/json" }, body: JSON.stringify(body) }), raw);
}

/** GET JSON, or text where the desk answers with HTML. */
export async function get(address, { text = false } = {}) {
  const response = await send(address, { headers: { Accept: text ? "text/html" : "application/json" } });
  if (text && response.ok) return response.text();
  return answer(response, false);
}

async function send(address, options) {
  try {
    return await fetch(address, { credentials: "same-origin", ...options });
  } catch (error) {
    if (error.name === "AbortError") throw error;
    throw new Fault(_("The desk does not answer. Is it still running? What you typed is still here."), []);
  }
}

async function answer(response, raw) {
  if (response.status === 204) return null;
  if (response.ok) return raw ? response : response.json();
  if (response.status === 401) window.dispatchEvent(new Event("desk-locked")); // the session ended
  let told = {};
  try { told = await response.json(); } catch { /* not JSON: a page */ }
  throw new Fault(told.error || _("The desk could not do that. Reload the page."), told.fields || []);
}

/** What the desk refused, with the faults of single fields. */
export class Fault extends Error {
  constructor(told, fields) { super(plain(told)); this.told = told; this.fields = fields; }

  /** What to show of it. */
  get shown() { return inLanguage(this.told); }
}

/** Tell the user something, also by voice; it goes away after some seconds. */
export function say(message, seconds = 8) {
  const place = document.getElementById("said");
  place.replaceChildren(message);
  clearTimeout(say.timer);
  say.timer = setTimeout(() => { place.textContent = ""; }, seconds * 1000);
}

/** Open a dialog; resolves to the value of the button that closed it, "" for Escape. */
export function ask(dialog) {
  return new Promise((resolve) => {
    dialog.returnValue = "";
    dialog.addEventListener("close", () => resolve(dialog.returnValue), { once: true });
    dialog.showModal();
  });
}

/** Ask again every `pause` milliseconds until `done` says so; resolves to the last answer. */
export async function poll(address, done, pause = 700) {
  for (;;) {
    const found = await get(address);
    if (done(found)) return found;
    await new Promise((resolve) => setTimeout(resolve, pause));
  }
}

/** A small element: `make("p", {className: "notice"}, "text")`. */
export function make(name, properties = {}, ...children) {
  const element = Object.assign(document.createElement(name), properties);
  element.append(...children);
  return element;
}

// Forms with data-question ask before they are sent; what can't be undone has one.
document.addEventListener("submit", async (event) => {
  const dialog = document.getElementById(event.target.dataset.question || "");
  if (!dialog || event.target.dataset.asked) return;
  event.preventDefault();
  if (await ask(dialog) === "yes") {
    event.target.dataset.asked = "yes";
    event.target.requestSubmit(event.submitter || undefined);
    delete event.target.dataset.asked;
  }
});
