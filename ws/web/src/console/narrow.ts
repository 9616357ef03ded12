// Where the screen is narrow: whether the customer's card covers the conversation.

import { computed, signal } from "@preact/signals";
import { cardOpen } from "./model";

// As in style/narrow.css.
const query = matchMedia("(max-width: 1120px)");
const narrow = signal(query.matches);
query.addEventListener("change", () => (narrow.value = query.matches));

/** Whether the card is over the conversation: what is beneath it is out of reach. */
export const covered = computed(() => cardOpen.value && narrow.value);
