// Where the chat is as large as the window, what is said of the sharing stands below its head, and what is in the chat below that;
// while the chat is minimised it stands beside the launcher, where no page has its menu. In a larger window the chat ends below it.

import { dress } from "../widget/dom";

const BELOW =
  "@media (max-width: 480px) { .head { margin-block-end: var(--shared, 0) } } @media (min-width: 481px) { .panel { max-block-size: calc(100vh - 96px - var(--shared, 0px)) } }";

/** Keeps room for `bar`, which stands in `stand`, in the widget whose root is `root`. */
export function room(bar: HTMLElement, stand: HTMLElement, root: ShadowRoot): void {
  const head = root.querySelector<HTMLElement>(".head");
  if (!head) return;
  dress(root, BELOW);
  const fit = () => {
    const size = bar.offsetHeight;
    bar.classList.toggle("low", head.offsetHeight === 0);
    stand.style.setProperty("--head", `${head.offsetHeight}px`);
    for (const each of [stand, root.host as HTMLElement]) each.style.setProperty("--shared", `${size && size + 16}px`);
  };
  const sizes = new ResizeObserver(fit);
  sizes.observe(bar);
  sizes.observe(head);
  fit();
}
