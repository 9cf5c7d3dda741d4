// What came of a form has the focus. While pages are measured: how far it is, and then what was found.
import { poll, say } from "./desk.js";
import { ngettext } from "./words.js";

document.querySelector("[data-focus]")?.focus();

const place = document.querySelector("[data-progress]");
const form = document.querySelector("form[data-when-measured]");

function show(found) {
  if (!found.of) return;
  const bar = place.querySelector("progress");
  bar.max = found.of;
  bar.value = found.done;
  place.querySelector("[data-count]").textContent = ngettext("The pages are being measured: %(done)s of %(num)s sheet", "The pages are being measured: %(done)s of %(num)s sheets", found.of, { done: found.done });
}

if (place) {
  try {
    await poll(place.dataset.progress, (found) => { show(found); return !found.runs; });
    // What was typed goes along to the question; a topic's page has nothing typed on it, and is read again.
    if (form.elements.by) form.requestSubmit();
    else location.assign(location.pathname);
  } catch (fault) {
    say(fault.shown ?? fault.message, 60);
  }
}
