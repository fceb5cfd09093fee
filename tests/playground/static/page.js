// The page's beginning: who one is, the list of channels, links to messages, and what closes what.

import "./box.js";
import "./dialog.js";
import "./posts.js";
import { close as closePop } from "./pop.js";
import { go, me, on, pane, place, start, tell, toast } from "./state.js";

// A window stays who it is: a link pasted into it names nobody.
const asked = new URLSearchParams(location.search);
const before = sessionStorage.getItem("user");
if (!asked.get("user") && before && before !== me.user) {
  asked.set("user", before);
  location.replace(`/?${asked}`);
} else {
  sessionStorage.setItem("user", me.user);
  start();
}

const plainly = (event) => !event.defaultPrevented && event.button === 0 && !event.ctrlKey && !event.metaKey && !event.shiftKey;
const nav = (open) => {
  document.body.classList.toggle("listing", open);
  document.querySelector("[data-nav]").setAttribute("aria-expanded", String(open));
};

document.addEventListener("click", async (event) => {
  if (event.target.closest("[data-nav]")) return nav(!document.body.classList.contains("listing"));
  if (!event.target.closest("nav")) nav(false);
  if (event.target.closest("[data-close]")) return closeAside();
  const one = event.target.closest("[data-channel], [data-direct], [data-join], a[href]");
  if (!one || !plainly(event)) return;
  const { channel, direct, join } = one.dataset;
  if (channel || direct || join) event.preventDefault();
  if (join) await tell("join", { channel: join });
  const found = direct ? (await tell("direct", { with: direct })).channel : channel || join;
  if (found) {
    nav(false);
    await go({ channel: found, root: "", card: "" });
    document.querySelector("main textarea")?.focus();
  } else await follow(event, one);
});

// A link to a message leads there, beside what stands here, and in the same window.
async function follow(event, link) {
  const post = new URL(link.href).pathname.match(/^\/[^/]+\/pl\/([a-z0-9]{26})$/)?.[1];
  if (!post || new URL(link.href).origin !== location.origin) return;
  event.preventDefault();
  const found = await (await fetch(`/page/find?${new URLSearchParams({ user: me.user, post })}`)).json();
  if (found.error) return toast(found.error);
  await go({ channel: found.channel, root: found.root, card: "" });
  flash(post);
}

function flash(post) {
  const inThread = pane("thread").querySelector(`[data-post="${post}"]`);
  const shown = (place.root && inThread) || pane("posts").querySelector(`[data-post="${post}"]`);
  shown?.scrollIntoView({ block: "center" });
  shown?.setAttribute("data-flash", "");
  setTimeout(() => shown?.removeAttribute("data-flash"), 2500);
}

async function closeAside() {
  const opener = place.card || place.root;
  await go(place.card ? { card: "" } : { root: "" });
  document.querySelector(`#posts [data-post="${opener}"] [data-thread]`)?.focus({ preventScroll: true });
}

document.addEventListener("keydown", (event) => {
  if (event.key !== "Escape" || event.defaultPrevented || pane("dialog").open) return;
  if (closePop()) return;
  if (document.body.classList.contains("listing")) return nav(false);
  if (event.target.closest("form")?.classList.contains("box") && event.target.value) return; // Esc never loses words
  if (place.root || place.card) closeAside();
});

on("left", closePop);
