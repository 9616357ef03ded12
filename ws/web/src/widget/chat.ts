export function start(): void {
  document.documentElement.dataset["tandem"] = "ready";
}
