// What came of a form has the focus. While pages are measured: how far it is, and then what was found.
import { poll, say } from "./desk.js";

document.querySelector("[data-focus]")?.focus();

const place = document.querySelector("[data-progress]");
const form = document.querySelector("form[data-when-measured]");

function show(found) {
  if (!found.of) return;
  const bar = place.querySelector("progress");
  bar.max = found.of;
  bar.value = found.done;
  place.querySelector("[data-count]").textContent = `: ${found.done} of ${found.of} sheets`;
}

if (place) {
  try {
    await poll(place.dataset.progress, (found) => { show(found); return !found.runs; });
    // What was typed goes along to the question; a topic's page has nothing typed on it, and is read again.
    if (form.elements.by) form.requestSubmit();
    else location.assign(location.pathname);
  } catch (fault) {
    say(fault.message, 60);
  }
}
