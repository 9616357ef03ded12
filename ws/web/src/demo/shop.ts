// The demo shop's basket: enough to click around in beside the chat.

import "../design/tokens.css";
import "../design/pages.css";
import "./shop.css";

const KEY = "shop.basket";

function count(): number {
  return Number(sessionStorage.getItem(KEY) ?? 0);
}

function draw(): void {
  const items = count();
  const basket = document.querySelector("[data-basket]");
  if (basket) basket.textContent = items === 1 ? "Basket: 1 thing" : `Basket: ${items} things`;
}

document.addEventListener("click", (event) => {
  const button = event.target instanceof Element && event.target.closest<HTMLButtonElement>("[data-add]");
  if (!button) return;
  sessionStorage.setItem(KEY, String(count() + 1));
  button.textContent = "Added";
  draw();
});

draw();
