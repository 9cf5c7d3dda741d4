// Print here: the browser's own print dialog on a finished PDF. What comes of it, no page can know.

import { _ } from "./words.js";

const LONG = 600000; // the dialog may be open for minutes

/** Open the print dialog on a PDF; where a browser can't print a frame, the PDF opens in a window of its own. */
export function printHere(pdf) {
  document.getElementById("printed-here")?.remove();
  const address = URL.createObjectURL(pdf);
  const frame = Object.assign(document.createElement("iframe"), { id: "printed-here", className: "unseen", title: _("The pages to print"), src: address });
  frame.tabIndex = -1;
  frame.addEventListener("load", () => setTimeout(() => { // the browser's viewer starts after the frame is there
    try {
      frame.contentWindow.focus();
      frame.contentWindow.print();
    } catch {
      window.open(address, "_blank", "noopener");
    }
  }, 300), { once: true });
  document.body.append(frame);
  setTimeout(() => { frame.remove(); URL.revokeObjectURL(address); }, LONG);
}

/** Print here comes first where the server has no printer. */
export function preferHere() {
  const here = document.getElementById("here");
  const print = document.getElementById("print");
  here.classList.add("main");
  print.classList.remove("main");
  print.before(here);
}
