// While pages are measured: how far it is, and then what was found.
import { poll } from "./desk.js";

const place = document.querySelector("[data-progress]");
if (place) {
  const bar = place.querySelector("progress");
  const count = place.querySelector("[data-count]");
  await poll(place.dataset.progress, (found) => {
    if (found.of) {
      bar.max = found.of;
      bar.value = found.done;
      count.textContent = `: ${found.done} of ${found.of} sheets`;
    }
    return !found.runs;
  });
  // A form holds what was asked for; without it, as on a sheet that nobody approves just now, the page is read again.
  const form = document.querySelector('form[data-when-measured][method="post"]:has([name="by"])');
  if (form) form.requestSubmit();
  else location.replace(location.pathname + "#findings");
}
