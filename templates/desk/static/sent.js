// Sent: the page follows what happens to the messages, and says so; questions are asked in a dialog.

import { get, say } from "./desk.js";
import { _ } from "./words.js";

const PAUSE = 3000;

// desk.js sends a form again once its dialog was answered with yes: the answer goes along.
document.addEventListener("formdata", (event) => { if (event.target.dataset.asked) event.formData.set("answer", "yes"); });

const states = (root) => new Map([...root.querySelectorAll("[data-message]")].map((one) => [one.dataset.message, one.dataset.state]));

function renew(html) {
  const old = document.getElementById("live");
  const now = new DOMParser().parseFromString(html, "text/html").getElementById("live");
  if (!now || now.outerHTML === old.outerHTML) return;
  now.querySelector("#done")?.removeAttribute("autofocus");
  const before = states(old);
  const focused = old.contains(document.activeElement) ? document.activeElement.id : "";
  old.replaceWith(now);
  if (focused) document.getElementById(focused)?.focus();
  const changed = [...states(now)].filter(([number, state]) => before.has(number) && before.get(number) !== state);
  if (changed.length) say(changed.map(([number, state]) => _("Message %(number)s: %(state)s", { number, state })).join(". "));
}

async function follow() {
  for (;;) {
    await new Promise((resolve) => setTimeout(resolve, PAUSE));
    if (document.hidden || document.querySelector("dialog[open]")) continue;
    if (!document.getElementById("live")?.hasAttribute("data-live")) return;
    try { renew(await get(location.pathname + location.search, { text: true })); } catch { /* the next look may find it */ }
  }
}

follow();
