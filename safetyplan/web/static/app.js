// Small comforts. Every page works without this file.
(() => {
  "use strict";
  const page = document.documentElement;
  const leave = document.getElementById("leave");

  // Leave: cover at once, end the session, and put a neutral page in this one's place in the history. The answer is given
  // 800 ms; whoever stands in the door does not wait for a slow network (keepalive lets the request finish by itself).
  // Not on Escape: people press it to close a menu or the keyboard, and would lose what they wrote.
  const goAway = () => {
    page.classList.add("covered");
    const to = leave.dataset.to;
    if (!to) return HTMLFormElement.prototype.submit.call(leave);
    const wait = new Promise((done) => setTimeout(done, 800));
    const sent = fetch(leave.action, { method: "POST", body: new URLSearchParams(new FormData(leave)), keepalive: true, redirect: "manual" });
    Promise.race([sent.catch(() => wait), wait]).then(() => location.replace(to));
  };

  let shifts = [];
  document.addEventListener("keydown", (event) => {
    if (event.key !== "Shift") { shifts = []; return; }
    if (event.repeat) return;
    shifts = [...shifts.filter((at) => event.timeStamp - at < 3000), event.timeStamp];
    if (leave && shifts.length > 2) goAway();
  });
  document.addEventListener("pointerdown", () => { shifts = []; });

  // A second tap on Save must not save twice.
  document.addEventListener("submit", (event) => {
    const form = event.target;
    if (form === leave) { event.preventDefault(); goAway(); return; }
    if (form.dataset.sent) { event.preventDefault(); return; }
    form.dataset.sent = "1";
    if (event.submitter) event.submitter.setAttribute("aria-busy", "true");
    setTimeout(() => rest(form), 8000);
  });
  const rest = (form) => {
    delete form.dataset.sent;
    for (const busy of form.querySelectorAll("[aria-busy]")) busy.removeAttribute("aria-busy");
  };
  addEventListener("pageshow", (event) => {
    if (event.persisted && page.classList.contains("covered")) { location.replace(leave.dataset.to || "/"); return; }
    for (const form of document.forms) rest(form);
  });

  // What needs script is hidden until script is here.
  for (const box of document.querySelectorAll("[data-show]")) {
    box.closest("[hidden]").hidden = false;
    box.addEventListener("change", () => { document.getElementById(box.dataset.show).type = box.checked ? "text" : "password"; });
    box.form.addEventListener("submit", () => { document.getElementById(box.dataset.show).type = "password"; });
  }
  for (const button of document.querySelectorAll("[data-print]")) {
    button.hidden = false;
    button.addEventListener("click", () => print());
  }
  // On paper every part stands open.
  addEventListener("beforeprint", () => { for (const part of document.querySelectorAll(".topic")) part.open = true; });
  const problems = document.querySelector(".problems");
  if (problems) problems.focus();
})();
