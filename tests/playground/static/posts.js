// What can be done with a message: its buttons and menus, reactions, its thread, its card, and one's own words.

import { edit } from "./box.js";
import { item, open } from "./pop.js";
import { go, me, on, pane, place, refresh, rest, tell, toast } from "./state.js";

const FOLD = 600; // as high as Mattermost shows a message at once; half of that on a phone

const postOf = (node) => node.closest("[data-post]");

function complain(post, words) {
  const id = typeof post === "string" ? post : post.dataset.post;
  for (const one of document.querySelectorAll(`[data-post="${id}"] > .body > .error`)) one.textContent = words;
}

async function press(control, option = "") {
  const post = postOf(control);
  const { action, cookie } = control.dataset;
  const { error } = await tell("click", { post: post.dataset.post, action, cookie, option });
  complain(post, error);
  await refresh();
}

async function react(post, emoji) {
  const mine = post.querySelector(`.reactions [data-react="${emoji}"]`)?.getAttribute("aria-pressed") === "true";
  const id = post.dataset.post;
  const { error } = mine
    ? await rest("DELETE", `/users/${me.userId}/posts/${id}/reactions/${encodeURIComponent(emoji)}`)
    : await rest("POST", "/reactions", { user_id: me.userId, post_id: id, emoji_name: emoji });
  complain(post, error);
  await refresh();
}

async function copy(link) {
  const whole = new URL(link, location.href).href;
  if (!navigator.clipboard) return toast(whole); // a page that is not served from this machine has no clipboard
  await navigator.clipboard.writeText(whole).then(() => toast("Link copied"), () => toast(whole));
}

async function remove(post) {
  const { error } = await rest("DELETE", `/posts/${post.dataset.post}`);
  complain(post, error);
  if (!error && place.root === post.dataset.post) return go({ root: "" });
  await refresh();
}

function more(button) {
  const post = postOf(button);
  const items = [item("Copy link", "copy")];
  if ("mine" in post.dataset) items.push(item("Edit", "edit"), item("Delete", "delete", "danger"));
  open(button, items, ({ dataset: { does } }) => {
    if (does === "copy") copy(button.dataset.link);
    if (does === "edit") edit(post);
    if (does === "delete") remove(post);
  });
}

async function download(button) {
  const { file, name } = button.dataset;
  const { error, blob } = await rest("GET", `/files/${file}`);
  complain(postOf(button), error);
  if (error) return;
  const link = Object.assign(document.createElement("a"), { href: URL.createObjectURL(blob), download: name });
  link.click();
  setTimeout(() => URL.revokeObjectURL(link.href), 10_000); // the browser reads it after the click
}

const DOES = {
  "button[data-action]": (one) => press(one),
  "[data-react]": (one) => react(postOf(one), one.dataset.react),
  "[data-pick]": (one) => {
    const post = postOf(one);
    open(one, pane("picker").content.cloneNode(true).childNodes, ({ dataset }) => react(post, dataset.react));
  },
  "[data-more]": more,
  "[data-card]": (one) => go({ card: postOf(one).dataset.post }),
  "[data-thread]": async (one) => {
    await go({ root: one.dataset.thread, card: "" });
    document.querySelector("aside textarea").focus();
  },
  "[data-file]": download,
  "[data-unfold]": (one) => {
    const unfolded = postOf(one).toggleAttribute("data-unfolded");
    one.textContent = unfolded ? "Show less" : "Show more";
  },
};

document.addEventListener("click", (event) => {
  if (!event.target.closest(".posts")) return;
  for (const [selector, act] of Object.entries(DOES)) {
    const found = event.target.closest(selector);
    if (!found) continue;
    event.preventDefault();
    act(found);
    return;
  }
});

document.addEventListener("change", (event) => {
  if (event.target.matches("select[data-action]") && event.target.value) press(event.target, event.target.value);
});

on("shown", () => {
  const most = matchMedia("(max-width: 700px)").matches ? FOLD / 2 : FOLD;
  for (const post of document.querySelectorAll(".post")) {
    const words = post.querySelector(".fold > .text");
    post.toggleAttribute("data-long", words.scrollHeight > most + 40);
  }
});
